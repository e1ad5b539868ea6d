package plugins

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"tuned/trainer/model"
)

// ExitError says how the process behind an architecture ended. It is model.ErrExited, and also model.ErrOutOfMemory where
// the cause was memory.
type ExitError struct {
	Name        string   // of the architecture
	Status      string   // "exit status 2", "signal: killed"
	Reason      string   // why, where it is known: "it used 1.2 GB of the 1.0 GB that it was given"
	OutOfMemory bool     // whether it counts as a lack of memory
	Known       bool     // whether that is known, rather than likely
	Stderr      []string // the last lines that it printed
}

// Error is one sentence, and what the process printed last on the lines below.
func (e *ExitError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "architecture %s ended (%s)", e.Name, e.Status)
	if e.Reason != "" {
		fmt.Fprintf(&b, ": %s", e.Reason)
	}
	for _, line := range e.Stderr {
		fmt.Fprintf(&b, "\n  | %s", line)
	}
	return b.String()
}

// Is reports whether the error stands for target.
func (e *ExitError) Is(target error) bool {
	return target == model.ErrExited || e.OutOfMemory && target == model.ErrOutOfMemory
}

// errTooLarge: a message was above the protocol's limit.
var errTooLarge = errors.New("message too large")

// sentinels pairs the errors that survive the process boundary with the codes that carry them.
var sentinels = []struct {
	code codes.Code
	err  error
}{
	{codes.ResourceExhausted, model.ErrOutOfMemory},
	{codes.InvalidArgument, model.ErrInvalid},
	{codes.DataLoss, model.ErrCorrupt},
	{codes.Canceled, context.Canceled},
	{codes.DeadlineExceeded, context.DeadlineExceeded},
}

// codeOf is the code that carries err.
func codeOf(err error) codes.Code {
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			return s.code
		}
	}
	return status.Code(err) // of an author's own status, or Unknown
}

// toStatus is err as a gRPC server returns it.
func toStatus(err error) error {
	if err == nil {
		return nil
	}
	return status.Error(codeOf(err), err.Error())
}

// remoteError is an error that an architecture reported; the message is the architecture's own.
type remoteError struct {
	message string
	kind    error // one of the sentinels, or nil
}

func (e *remoteError) Error() string { return e.message }
func (e *remoteError) Unwrap() error { return e.kind }

// fromCode turns what an architecture reported back into an error.
func fromCode(code codes.Code, message string) error {
	if code == codes.ResourceExhausted && strings.Contains(message, "larger than max") {
		return fmt.Errorf("%w: %s", errTooLarge, message) // the transport's own words under the same code
	}
	for _, s := range sentinels {
		if s.code == code {
			return &remoteError{message: message, kind: s.err}
		}
	}
	return &remoteError{message: message}
}

// fromStatus turns the error of a call back into what the architecture meant.
func fromStatus(err error) error {
	if err == nil {
		return nil
	}
	s, ok := status.FromError(err)
	if !ok {
		return err
	}
	return fromCode(s.Code(), s.Message())
}

// broken reports whether err means that the connection is gone, as it is when the process behind it ended.
func broken(err error) bool {
	if errors.Is(err, io.EOF) {
		return true
	}
	switch status.Code(err) {
	case codes.Unavailable, codes.Canceled, codes.Internal, codes.Aborted:
		return true
	}
	return false
}
