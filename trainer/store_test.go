package trainer

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tuned/durable"
	"tuned/trainer/model"
)

// checkpointed writes three checkpoints whose states are "1", "2" and "3" and returns their store.
func checkpointed(t *testing.T) *store {
	t.Helper()
	s, err := openStore(filepath.Join(t.TempDir(), "checkpoints"))
	if err != nil {
		t.Fatal(err)
	}
	for _, state := range []string{"1", "2", "3"} {
		if err := s.write(1, []byte(state), saveText("weights "+state)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func saveText(text string) func(string) (model.File, error) {
	return func(path string) (model.File, error) {
		return model.File{Path: path, Length: int64(len(text)), SHA256: durable.Hash([]byte(text))}, os.WriteFile(path, []byte(text), 0o600)
	}
}

// newestState is the state that a resume would use, "" for none, and what was rejected on the way.
func newestState(t *testing.T, s *store) (state string, rejected []string) {
	t.Helper()
	_, err := s.newest(func(text []byte, session model.File) error {
		state = string(text)
		weights, err := os.ReadFile(session.Path)
		if string(weights) != "weights "+state {
			t.Fatalf("state %q with weights %q", state, weights)
		}
		return err
	}, func(name string) { rejected = append(rejected, name) })
	if err != nil {
		t.Fatal(err)
	}
	return state, rejected
}

func TestTheNewestTwoAreKept(t *testing.T) {
	s := checkpointed(t)
	names, err := s.names()
	if err != nil {
		t.Fatal(err)
	}
	if len(names) != 2 || !strings.HasPrefix(names[0], "00000003-") || !strings.HasPrefix(names[1], "00000002-") {
		t.Errorf("names %v", names)
	}
	if state, _ := newestState(t, s); state != "3" {
		t.Errorf("state %q", state)
	}
}

func TestDamageIsSeenAndPassedOver(t *testing.T) {
	s := checkpointed(t)
	names, _ := s.names()
	random := rand.New(rand.NewPCG(1, 2))
	for _, file := range []string{manifestFile, stateFile, sessionFile} {
		path := filepath.Join(s.dir, names[0], file)
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for range 100 {
			damaged, what := damage(content, random)
			if err := os.WriteFile(path, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			if state, rejected := newestState(t, s); state != "2" || len(rejected) != 1 || rejected[0] != names[0] {
				t.Fatalf("%s %s: state %q, rejected %v", file, what, state, rejected)
			}
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if state, _ := newestState(t, s); state != "3" {
			t.Fatalf("repaired: state %q", state)
		}
	}
}

// damage flips a bit or cuts the end off.
func damage(content []byte, random *rand.Rand) (damaged []byte, what string) {
	at := random.IntN(len(content))
	if random.IntN(2) == 0 {
		return content[:at], fmt.Sprintf("cut at byte %d", at)
	}
	damaged, bit := slices.Clone(content), random.IntN(8)
	damaged[at] ^= 1 << bit
	return damaged, fmt.Sprintf("with bit %d of byte %d flipped", bit, at)
}

func TestMissingFilesAndForeignOnes(t *testing.T) {
	s := checkpointed(t)
	names, _ := s.names()
	if err := os.Remove(filepath.Join(s.dir, names[0], sessionFile)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "notes.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(s.dir, ".writing-123"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := openStore(s.dir); err != nil {
		t.Fatal(err)
	}
	if state, _ := newestState(t, s); state != "2" {
		t.Errorf("state %q", state)
	}
	if _, err := os.Stat(filepath.Join(s.dir, ".writing-123")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what a crash left was not swept: %v", err)
	}
}

func TestAFailedWriteLeavesTheOldCheckpoints(t *testing.T) {
	s := checkpointed(t)
	full := errors.New("no space left on device")
	if err := s.write(4, []byte("4"), func(string) (model.File, error) { return model.File{}, full }); !errors.Is(err, full) {
		t.Fatalf("error %v", err)
	}
	if state, rejected := newestState(t, s); state != "3" || rejected != nil {
		t.Errorf("state %q, rejected %v", state, rejected)
	}
	if entries, _ := os.ReadDir(s.dir); len(entries) != 2 {
		t.Errorf("%d entries are left", len(entries))
	}
}

func TestOtherErrorsAreNotPassedOver(t *testing.T) {
	s := checkpointed(t)
	gone := errors.New("the session is gone")
	if _, err := s.newest(func([]byte, model.File) error { return gone }, func(string) {}); !errors.Is(err, gone) {
		t.Errorf("error %v", err)
	}
}
