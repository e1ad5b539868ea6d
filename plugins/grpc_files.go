package plugins

import (
	"context"
	"fmt"

	"tuned/durable"
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

// Load has the session restore what it wrote, which is the one that checks it.
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
	if err := verifyFile(f); err != nil {
		return model.File{}, fmt.Errorf("%s: %w", op, err)
	}
	return f, nil
}

// verifyFile reports whether the file has the length and the checksum that it is said to have; model.ErrCorrupt if not.
func verifyFile(f model.File) error {
	sum, n, err := durable.SumFile(f.Path)
	switch {
	case err != nil:
		return fmt.Errorf("verify: %w", err)
	case n != f.Length:
		return fmt.Errorf("verify %s: %w: %d bytes instead of %d", f.Path, model.ErrCorrupt, n, f.Length)
	case sum != f.SHA256:
		return fmt.Errorf("verify %s: %w: its sha256 is %s instead of %s", f.Path, model.ErrCorrupt, sum, f.SHA256)
	}
	return nil
}
