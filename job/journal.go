package job

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"sync"
	"time"
)

// journal is the append-only record of a run, one event a line, each with a checksum. A line that was torn by a crash, or
// that does not match its checksum, ends the record: it and all behind it are cut off when the journal is opened again.
type journal struct {
	mu   sync.Mutex
	file journalFile
	seq  int64
	end  int64 // of the last whole line
}

// journalFile is an *os.File.
type journalFile interface {
	io.Writer
	io.Seeker
	Truncate(size int64) error
	Sync() error
	Close() error
}

// line is how an entry is written; the checksum is the last field and covers all before it.
type line struct {
	Seq   int64           `json:"seq"`
	At    time.Time       `json:"at"`
	Kind  string          `json:"kind"`
	Event json.RawMessage `json:"event"`
}

const checksumField = `,"crc":"`

// openJournal opens a journal for appending, making it when there is none, and returns what it holds.
func openJournal(path string) (*journal, []Entry, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, nil, fmt.Errorf("open journal: %w", err)
	}
	entries, valid, err := readEntries(f, 0)
	if err == nil {
		err = cutAt(f, valid)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("open journal: %w", errors.Join(err, f.Close()))
	}
	return &journal{file: f, seq: int64(len(entries)), end: valid}, entries, nil
}

// cutAt drops what lies behind the valid part, and puts the file's position there.
func cutAt(f journalFile, valid int64) error {
	if err := f.Truncate(valid); err != nil {
		return err
	}
	_, err := f.Seek(valid, io.SeekStart)
	return err
}

// ReadJournal reads the valid part of a journal, also while the run goes on.
func ReadJournal(path string) ([]Entry, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	defer f.Close()
	entries, _, err := readEntries(f, 0)
	return entries, err
}

// append writes an event. Those that a resumed run builds on are on the disk when it returns. Progress is not kept. Of one that fails, as
// on a full disk, nothing is left that would end the record before what is still written.
func (j *journal) append(e Event) error {
	if _, passing := e.(Progress); passing {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	text, err := encodeLine(j.seq+1, time.Now(), e)
	if err != nil {
		return fmt.Errorf("journal: %s: %w", e.Kind(), err)
	}
	if _, err := j.file.Write(text); err != nil {
		return fmt.Errorf("journal: %w", errors.Join(err, cutAt(j.file, j.end)))
	}
	j.seq, j.end = j.seq+1, j.end+int64(len(text))
	if !lasting(e) {
		return nil
	}
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// lasting tells whether a resumed run builds on the event.
func lasting(e Event) bool {
	switch e.(type) {
	case Started, PhaseEnded, Measured, Tried, Planned, Finished:
		return true
	}
	return false
}

// close ends writing.
func (j *journal) close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return errors.Join(j.file.Sync(), j.file.Close())
}

// encodeLine gives an event as one line of JSON, as it stands in a journal.
func encodeLine(seq int64, at time.Time, e Event) ([]byte, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(line{Seq: seq, At: at.UTC(), Kind: e.Kind(), Event: body})
	if err != nil {
		return nil, err
	}
	open := text[:len(text)-1]
	return fmt.Appendf(open, "%s%08x\"}\n", checksumField, crc32.ChecksumIEEE(open)), nil
}

// Encode gives an entry as one line of JSON with its newline, as programs that follow a run read it.
func (e Entry) Encode() ([]byte, error) { return encodeLine(e.Seq, e.At, e.Event) }

// anySeq has decodeLine take an entry wherever it stands.
const anySeq = -1

// decodeLine checks and reads one line, without its newline.
func decodeLine(text []byte, seq int64) (Entry, error) {
	at := bytes.LastIndex(text, []byte(checksumField))
	if at < 0 || string(text[at:]) != fmt.Sprintf("%s%08x\"}", checksumField, crc32.ChecksumIEEE(text[:at])) {
		return Entry{}, errors.New("checksum does not match")
	}
	var l line
	if err := json.Unmarshal(append(text[:at:at], '}'), &l); err != nil {
		return Entry{}, err
	}
	if l.Seq != seq && seq != anySeq {
		return Entry{}, fmt.Errorf("entry %d stands where %d belongs", l.Seq, seq)
	}
	e, err := decodeEvent(l.Kind, l.Event)
	return Entry{Seq: l.Seq, At: l.At, Event: e}, err
}

// readEntries reads valid lines, those behind entry last, and tells how many bytes they take.
func readEntries(r io.Reader, last int64) (entries []Entry, valid int64, err error) {
	br := bufio.NewReader(r)
	for {
		text, err := br.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return entries, valid, nil // what follows the last newline was torn
		}
		if err != nil {
			return nil, 0, fmt.Errorf("read journal: %w", err)
		}
		entry, err := decodeLine(text[:len(text)-1], last+int64(len(entries))+1)
		if err != nil {
			return entries, valid, nil // this line and all behind it cannot be trusted
		}
		entries = append(entries, entry)
		valid += int64(len(text))
	}
}
