package job

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// Amend writes a pin into a job's text, replacing one of that setting, and leaves all else as it stands. value is written
// as in a job file: 512, 0.1, true or text with or without quotes. Whether an architecture's own setting exists
// is found out by whoever plans. Errors are [*Error]s.
func Amend(path, text, setting, value string) (string, error) {
	literal, decoded, err := literalOf(value)
	if err != nil {
		return "", &Error{Path: path, Problem: fmt.Sprintf("%q is no value of a setting", value), Hint: "a number, true, false or text"}
	}
	amended := pinned(strings.TrimRight(text, "\n")+"\n", setting, literal)
	j, err := Parse(path, amended)
	if err != nil {
		return "", err
	}
	if j.Pin[setting] != decoded {
		return "", &Error{Path: path, Problem: fmt.Sprintf("the pin of %q cannot be changed in this file", setting), Hint: "write pins below [pin]"}
	}
	return amended, nil
}

// pinned writes a value in the place of the setting's own, below [pin] where there is none, or below a [pin] at the end.
func pinned(text, setting, literal string) string {
	line, below := strconv.Quote(setting)+" = "+literal+"\n", -1
	for _, m := range mentions(text) {
		switch {
		case m.name == "pin."+setting && m.end > 0:
			return text[:m.start] + literal + text[m.end:]
		case m.name == "pin" && m.header:
			below = m.offset + strings.Index(text[m.offset:], "\n") + 1
		}
	}
	if below < 0 {
		return text + "\n[pin]\n" + line
	}
	return text[:below] + line + text[below:]
}

// literalOf is a value as TOML writes it, and what it means; what is neither number nor boolean is text.
func literalOf(value string) (literal string, decoded any, err error) {
	value = strings.TrimSpace(value)
	for _, literal := range []string{value, strconv.Quote(value)} {
		var one struct{ V any }
		if strings.ContainsAny(literal, "\n\r") || literal == "" {
			continue
		}
		if _, err = toml.Decode("V = "+literal, &one); err != nil {
			continue
		}
		switch one.V.(type) {
		case int64, float64, bool, string:
			return literal, one.V, nil
		}
		err = fmt.Errorf("%T is no setting's type", one.V)
	}
	if err == nil {
		err = fmt.Errorf("nothing is written")
	}
	return "", nil, err
}
