package source

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// within stands between the keys of an object and of one within it: no key holds such a byte.
const within = "\xff"

// mostNested is how deep in an object another one may be to be taken apart.
const mostNested = 8

// dotted is a key as people write it.
func dotted(key string) string { return strings.ReplaceAll(key, within, ".") }

// jsonKeys are the keys of values in objects of JSON.
type jsonKeys struct {
	order  []string        // as they first come up
	valued map[string]bool // of each: whether there is a value that is not null
	listed string          // one that holds a list, dotted; empty where none does

	objects int
}

// read looks through all objects.
func (k *jsonKeys) read(r *objectReader) error {
	for {
		err := r.next(k.note)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		k.objects++
	}
}

// alone is a hint for an object that has the rows within it: in a list, or as pandas writes them.
func (k *jsonKeys) alone() string {
	if k.listed != "" {
		return fmt.Sprintf("if the rows are in the list %q, save that list alone, [{...}, {...}]", k.listed)
	}
	return objectHint + `; pandas writes that with to_json(path, orient="records")`
}

func (k *jsonKeys) note(key []byte, v jsontext.Value) {
	before, ok := k.valued[string(key)]
	if k.listed == "" && v.Kind() == '[' {
		k.listed = dotted(string(key))
	}
	if !ok && len(k.order) > maxColumns {
		return
	}
	if !ok {
		k.order = append(k.order, string(key))
	}
	if !ok || !before && v.Kind() != 'n' {
		k.valued[string(key)] = v.Kind() != 'n'
	}
}

// mixed are the keys, dotted, that hold objects in some rows and values in others. Their objects stay values, which a column that is
// read refuses: taken apart, they would be missing without a word.
func (k *jsonKeys) mixed() (keys []string) {
	holders := k.holders()
	for _, key := range k.order {
		if holders[key] && k.valued[key] {
			keys = append(keys, dotted(key))
		}
	}
	return keys
}

// columns are the keys that are columns where objects of some are not taken apart. One with objects in some rows and nothing in the
// others is none: the columns of what the objects hold are all there is to know.
func (k *jsonKeys) columns(whole []string) (keys []string) {
	holders := k.holders()
	for _, key := range k.order {
		inWhole := slices.ContainsFunc(outer(key), func(holder string) bool { return slices.Contains(whole, dotted(holder)) })
		if !inWhole && (k.valued[key] || !holders[key]) {
			keys = append(keys, key)
		}
	}
	return keys
}

// holders are the keys of objects that were taken apart.
func (k *jsonKeys) holders() map[string]bool {
	all := map[string]bool{}
	for _, key := range k.order {
		for _, holder := range outer(key) {
			all[holder] = true
		}
	}
	return all
}

// outer are the keys of the objects that a key is in.
func outer(key string) (keys []string) {
	for at := range len(key) {
		if key[at] == within[0] {
			keys = append(keys, key[:at])
		}
	}
	return keys
}
