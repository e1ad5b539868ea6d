package plugins

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"

	"tuned/plugins/protocol"
	"tuned/trainer/model"
)

// Save asks for a checkpoint and reads it back: a checksum that the file does not have is better known now.
func (s *session) Save(ctx context.Context, path string) (model.File, error) {
	return s.write(ctx, "save", path, func() (*protocol.FileReply, error) {
		return s.client.rpc.Save(ctx, &protocol.File{Path: path})
	})
}

// Export asks for the tensors that predicting with these members needs.
func (s *session) Export(ctx context.Context, path string, members []model.Weights) (model.File, error) {
	return s.write(ctx, "export", path, func() (*protocol.FileReply, error) {
		return s.client.rpc.Export(ctx, &protocol.ExportRequest{Path: path, Members: encodeWeights(members)})
	})
}

// Load checks the file, and has the session restore it.
func (s *session) Load(ctx context.Context, f model.File) error {
	if err := s.settle(ctx); err != nil {
		return fmt.Errorf("load: %w", err)
	}
	watch := s.client.watch()
	defer watch.Stop()
	_, err := s.client.rpc.Load(ctx, encodeFile(f))
	return s.client.causeOf(ctx, err)
}

func (s *session) write(ctx context.Context, op, path string, call func() (*protocol.FileReply, error)) (model.File, error) {
	if err := s.settle(ctx); err != nil {
		return model.File{}, fmt.Errorf("%s: %w", op, err)
	}
	watch := s.client.watch()
	defer watch.Stop()
	reply, err := call()
	if err != nil {
		return model.File{}, s.client.causeOf(ctx, err)
	}
	f := decodeFile(reply.GetFile())
	if f.Path != path {
		return model.File{}, fmt.Errorf("%s: %w: it wrote %q instead of %q", op, errProtocol, f.Path, path)
	}
	if err := VerifyFile(f); err != nil {
		return model.File{}, fmt.Errorf("%s: %w", op, err)
	}
	return f, nil
}

// VerifyFile reports whether the file has the length and the checksum that it is said to have; model.ErrCorrupt if not.
func VerifyFile(f model.File) error {
	file, err := os.Open(f.Path)
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	defer file.Close()
	hash := sha256.New()
	n, err := io.Copy(hash, file)
	if err != nil {
		return fmt.Errorf("verify %s: %w", f.Path, err)
	}
	if n != f.Length {
		return fmt.Errorf("verify %s: %w: %d bytes instead of %d", f.Path, model.ErrCorrupt, n, f.Length)
	}
	if sum := hex.EncodeToString(hash.Sum(nil)); sum != f.SHA256 {
		return fmt.Errorf("verify %s: %w: its sha256 is %s instead of %s", f.Path, model.ErrCorrupt, sum, f.SHA256)
	}
	return nil
}
