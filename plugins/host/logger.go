package host

import (
	"io"
	"log"

	"github.com/hashicorp/go-hclog"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// logger is go-plugin's logger over zap. What go-plugin says of its own doings is detail to us, so each level but the
// errors is taken one lower.
type logger struct {
	zap  *zap.Logger
	name string
	args []any
}

var _ hclog.Logger = (*logger)(nil)

func newLogger(z *zap.Logger) *logger { return &logger{zap: z} }

func zapLevel(level hclog.Level) zapcore.Level {
	switch level {
	case hclog.Error:
		return zapcore.ErrorLevel
	case hclog.Warn:
		return zapcore.InfoLevel
	default:
		return zapcore.DebugLevel
	}
}

func (l *logger) enabled(level hclog.Level) bool {
	return level > hclog.Trace && level < hclog.Off && l.zap.Core().Enabled(zapLevel(level))
}

// Log logs with pairs of keys and values.
func (l *logger) Log(level hclog.Level, msg string, args ...any) {
	if l.enabled(level) {
		l.zap.Log(zapLevel(level), msg, fields(append(l.args[:len(l.args):len(l.args)], args...))...)
	}
}

func fields(args []any) []zap.Field {
	var out []zap.Field
	for ; len(args) >= 2; args = args[2:] {
		if key, ok := args[0].(string); ok {
			out = append(out, zap.Any(key, args[1]))
		}
	}
	return out
}

func (l *logger) Trace(msg string, args ...any) { l.Log(hclog.Trace, msg, args...) }
func (l *logger) Debug(msg string, args ...any) { l.Log(hclog.Debug, msg, args...) }
func (l *logger) Info(msg string, args ...any)  { l.Log(hclog.Info, msg, args...) }
func (l *logger) Warn(msg string, args ...any)  { l.Log(hclog.Warn, msg, args...) }
func (l *logger) Error(msg string, args ...any) { l.Log(hclog.Error, msg, args...) }

func (l *logger) IsTrace() bool { return l.enabled(hclog.Trace) }
func (l *logger) IsDebug() bool { return l.enabled(hclog.Debug) }
func (l *logger) IsInfo() bool  { return l.enabled(hclog.Info) }
func (l *logger) IsWarn() bool  { return l.enabled(hclog.Warn) }
func (l *logger) IsError() bool { return l.enabled(hclog.Error) }

// ImpliedArgs are the pairs that With added.
func (l *logger) ImpliedArgs() []any { return l.args }

// With adds pairs to each entry.
func (l *logger) With(args ...any) hclog.Logger {
	return &logger{l.zap, l.name, append(l.args[:len(l.args):len(l.args)], args...)}
}

// Name is the last name given.
func (l *logger) Name() string { return l.name }

// Named adds a name.
func (l *logger) Named(name string) hclog.Logger { return &logger{l.zap.Named(name), name, l.args} }

// ResetNamed is Named here: zap's names only grow.
func (l *logger) ResetNamed(name string) hclog.Logger { return l.Named(name) }

// SetLevel does nothing: the level is zap's.
func (l *logger) SetLevel(hclog.Level) {}

// GetLevel is the lowest level that is logged: go-plugin filters by it.
func (l *logger) GetLevel() hclog.Level {
	for level := hclog.Trace; level < hclog.Off; level++ {
		if l.enabled(level) {
			return level
		}
	}
	return hclog.Off
}

// StandardWriter logs each write at the info level.
func (l *logger) StandardWriter(*hclog.StandardLoggerOptions) io.Writer {
	return zap.NewStdLog(l.zap).Writer()
}

// StandardLogger logs at the info level.
func (l *logger) StandardLogger(*hclog.StandardLoggerOptions) *log.Logger {
	return zap.NewStdLog(l.zap)
}
