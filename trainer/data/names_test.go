package data

import (
	"fmt"
	"testing"
)

// Names that share words are read as texts; those that share none, numbers, and those that all have the same words name rows.
func TestNames(t *testing.T) {
	makes := []string{"ford", "opel", "fiat", "volvo", "saab"}
	models := []string{"Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta", "Eta"}
	tests := []struct {
		name string
		cell func(i int) string
		want Type
	}{
		{"cars", func(i int) string { return fmt.Sprintf("%s %s %d", makes[i%5], models[i%7], i) }, Text},
		{"addresses of mails", func(i int) string { return fmt.Sprintf("u%d@%s.%s", i, makes[i%5], models[i%3]) }, Text},
		{"half of them alone", func(i int) string {
			if i%2 == 0 {
				return fmt.Sprintf("%s%d", makes[i%5], i)
			}
			return fmt.Sprintf("%s %d", makes[i%5], i)
		}, Text},
		{"most of them alone", func(i int) string {
			if i%4 != 0 {
				return fmt.Sprintf("%s%d", makes[i%5], i)
			}
			return fmt.Sprintf("%s %d", makes[i%5], i)
		}, ID},
		{"one word that all have", func(i int) string { return fmt.Sprintf("Customer %d", i) }, ID},
		{"codes", func(i int) string { return fmt.Sprintf("%08x-%04x", uint32(i)*2654435761, uint16(i*40503)) }, ID},
		{"initials", func(i int) string { return fmt.Sprintf("%c %c %d", 'a'+rune(i%7), 'b'+rune(i%5), i) }, ID},
		{"a few categories of several words", func(i int) string { return makes[i%5] + " " + models[i%7] }, Categorical},
	}
	for _, tt := range tests {
		d := read(t, rows("name,n,y", 300, func(i int) string { return fmt.Sprintf("%s,%d,%d", tt.cell(i), i%11, i%2) }), Spec{Target: "y"})
		if got := d.Columns[0].Type; got != tt.want {
			t.Errorf("%s, such as %q, are read as %s, want %s", tt.name, tt.cell(3), got, tt.want)
		}
	}
}
