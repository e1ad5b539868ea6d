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
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	line := strconv.Quote(setting) + " = " + literal
	switch at, table := locate(text, []string{"pin", setting}), tableLine(lines, "pin"); {
	case at.line > 0 && !header.MatchString(at.source) && table >= 0 && at.line-1 > table:
		lines[at.line-1] = line
	case table >= 0:
		lines = append(lines[:table+1], append([]string{line}, lines[table+1:]...)...)
	default:
		lines = append(lines, "", "[pin]", line)
	}
	amended := strings.Join(lines, "\n") + "\n"
	j, err := Parse(path, amended)
	if err != nil {
		return "", err
	}
	if j.Pin[setting] != decoded {
		return "", &Error{Path: path, Problem: fmt.Sprintf("the pin of %q cannot be changed in this file", setting), Hint: "write pins below [pin], one on each line"}
	}
	return amended, nil
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

// tableLine is the index of the line with a table's header; -1 when there is none.
func tableLine(lines []string, table string) int {
	for i, line := range lines {
		if m := header.FindStringSubmatch(line); m != nil && m[1] == table {
			return i
		}
	}
	return -1
}
