package job

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Tail reads a journal while it is being written, from where it stopped the last time.
type Tail struct {
	path   string
	offset int64 // behind the last entry that was read
	seq    int64 // of that entry
	after  int64 // entries up to this one are passed over
}

// NewTail reads the journal at path, which need not exist yet, from behind an entry; 0 is the beginning.
func NewTail(path string, after int64) *Tail { return &Tail{path: path, after: after} }

// Next gives the entries that were added since the last call. A line that is only half there, and all behind one that is
// damaged, is left for later: whoever goes on with the run cuts it off.
func (t *Tail) Next() ([]Entry, error) {
	f, err := os.Open(t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("follow journal: %w", err)
	}
	defer f.Close()
	if _, err := f.Seek(t.offset, io.SeekStart); err != nil {
		return nil, fmt.Errorf("follow journal: %w", err)
	}
	entries, length, err := readEntries(f, t.seq)
	if err != nil {
		return nil, err
	}
	t.offset, t.seq = t.offset+length, t.seq+int64(len(entries))
	for len(entries) > 0 && entries[0].Seq <= t.after {
		entries = entries[1:]
	}
	return entries, nil
}

// ParseEntry reads one line as [Entry.Encode] writes it, with or without its newline, and checks its checksum.
func ParseEntry(text []byte) (Entry, error) {
	if n := len(text); n > 0 && text[n-1] == '\n' {
		text = text[:n-1]
	}
	return decodeLine(text, anySeq)
}
