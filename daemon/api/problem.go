package api

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"syscall"

	"github.com/danielgtaylor/huma/v2"

	"tuned/daemon/queue"
	"tuned/daemon/store"
	"tuned/job"
)

// problem gives an error the form of RFC 9457, with a status that fits. What a person can put right says where and how.
func problem(err error) error {
	if err == nil {
		return nil
	}
	var known huma.StatusError
	if errors.As(err, &known) {
		return err
	}
	var mistake *job.Error
	if errors.As(err, &mistake) {
		return huma.NewError(http.StatusUnprocessableEntity, mistake.Error(), &huma.ErrorDetail{
			Message: mistake.Problem, Location: location(mistake), Value: mistake.Hint,
		})
	}
	return huma.NewError(StatusOf(err), err.Error())
}

func location(e *job.Error) string {
	if e.Line == 0 {
		return e.Path
	}
	return fmt.Sprintf("%s:%d:%d", e.Path, e.Line, e.Column)
}

// StatusOf is the HTTP status that fits an error.
func StatusOf(err error) int {
	for _, c := range []struct {
		err    error
		status int
	}{
		{store.ErrNotFound, http.StatusNotFound},
		{fs.ErrNotExist, http.StatusNotFound},
		{queue.ErrState, http.StatusConflict},
		{queue.ErrTooMany, http.StatusTooManyRequests},
		{queue.ErrFull, http.StatusInsufficientStorage},
		{syscall.ENOSPC, http.StatusInsufficientStorage},
	} {
		if errors.Is(err, c.err) {
			return c.status
		}
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return http.StatusRequestEntityTooLarge
	}
	if job.BadInput(err) {
		return http.StatusUnprocessableEntity
	}
	return http.StatusInternalServerError
}
