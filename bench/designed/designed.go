// Package designed makes tables of designed experiments: every combination of a few columns' values once, and a class that is a function
// of them, here and there with noise. What the rules do where data.factorial is large was measured on them. Curves are functions of one
// to three numbers, on which the rules for so few columns were measured.
package designed

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// design is an experiment: how many values each column takes, from 0 on, and what class a row of them is.
type design struct {
	name       string
	values     []int
	categories bool    // the values name things, and are no amounts
	noise      float64 // the share of rows that are given another class
	class      func(x []int) string
}

// designs are well-known problems of logic, and mixtures of sums, products, comparisons and questions.
var designs = []design{
	{name: "balance_scale", values: []int{5, 5, 5, 5}, class: func(x []int) string { // Siegler 1976; weights and distances from 1 on
		return order((x[0]+1)*(x[1]+1), (x[2]+1)*(x[3]+1))
	}},
	{name: "monks_1", values: monks, categories: true, class: func(x []int) string { return yes(x[0] == x[1] || x[4] == 0) }}, // Thrun et al. 1991
	{name: "monks_2", values: monks, categories: true, class: func(x []int) string { return yes(count(x, 0) == 2) }},
	{name: "monks_3", values: monks, categories: true, noise: 0.05, class: func(x []int) string {
		return yes(x[4] == 2 && x[3] == 0 || x[4] != 3 && x[1] != 2)
	}},
	{name: "parity", values: bits(10), class: func(x []int) string { return yes(count(x[:5], 1)%2 == 1) }},
	{name: "exactly_three", values: bits(9), class: func(x []int) string { return yes(count(x, 1) == 3) }},
	{name: "multiplexer", values: bits(9), class: func(x []int) string { return yes(x[2+2*x[0]+x[1]] == 1) }},
	{name: "majority_10", values: []int{3, 3, 3, 3, 3, 3}, noise: 0.1, class: func(x []int) string { return yes(sum(x) > 6) }},
	{name: "majority_20", values: []int{3, 3, 3, 3, 3, 3}, noise: 0.2, class: func(x []int) string { return yes(sum(x) > 6) }},
	{name: "product", values: []int{6, 6, 6, 6}, class: product},
	{name: "product_10", values: []int{6, 6, 6, 6}, noise: 0.1, class: product},
	{name: "hierarchy", values: []int{3, 5, 4, 4, 3, 2}, categories: true, class: hierarchy},
	{name: "hierarchy_10", values: []int{3, 5, 4, 4, 3, 2}, categories: true, noise: 0.1, class: hierarchy},
	{name: "questions_20", values: []int{4, 4, 4, 4, 2, 2}, categories: true, noise: 0.2, class: questions},
	// Those below were made when the rules stood.
	{name: "nim", values: []int{4, 4, 4, 8}, class: func(x []int) string { return yes(x[0]^x[1]^x[2]^x[3]%4 == 0) }},
	{name: "ball", values: []int{10, 10, 10}, class: func(x []int) string { return yes(off(x, 4) < 14) }},
	{name: "ball_15", values: []int{10, 10, 10}, noise: 0.15, class: func(x []int) string { return yes(off(x, 4) < 14) }},
	{name: "dictionary", values: []int{8, 8, 8}, class: func(x []int) string { return order(64*x[0]+x[1], 64*x[1]+x[2]) }},
	{name: "grades_10", values: []int{5, 5, 4, 3, 3}, noise: 0.1, class: func(x []int) string { return strconv.Itoa(min(4, (2*x[0]+x[1]+x[2]*x[3])/4)) }},
	{name: "exceptions_10", values: []int{3, 3, 3, 3, 3, 3}, categories: true, noise: 0.1, class: func(x []int) string {
		return yes(x[0] == 0 && x[1] != 2 || x[2] == x[3] && x[4] == 1)
	}},
}

var monks = []int{3, 3, 2, 3, 4, 2}

func bits(n int) []int { return slices.Repeat([]int{2}, n) }

func product(x []int) string { return yes((x[0]+1)*(x[1]+1) > (x[2]+1)+2*(x[3]+1)) }

func hierarchy(x []int) string {
	level := 0
	for _, rises := range []bool{x[0] > 1, x[1]*x[2] > 5, x[3] > x[4] && x[5] == 1} {
		if rises {
			level++
		}
	}
	return strconv.Itoa(level)
}

func questions(x []int) string {
	switch {
	case x[1] > 2 && x[0] > 1, x[1] <= 2 && x[4] == 0 && x[5] == 1 && x[0] == 0:
		return "c"
	case x[1] > 2, x[4] == 1 && x[2] != x[3]:
		return "a"
	}
	return "b"
}

func order(a, b int) string { return []string{"right", "even", "left"}[sign(a-b)+1] }

func sign(v int) int { return min(1, max(-1, v)) }

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

func count(x []int, value int) (n int) {
	for _, v := range x {
		if v == value {
			n++
		}
	}
	return n
}

func sum(x []int) (all int) {
	for _, v := range x {
		all += v
	}
	return all
}

// off is the squared distance from the point whose columns all have a value.
func off(x []int, value int) (squares int) {
	for _, v := range x {
		squares += (v - value) * (v - value)
	}
	return squares
}

// Write writes every table, in rows of a random order, to a folder of its own below dir.
func Write(dir string) error {
	for _, d := range designs {
		if err := d.write(filepath.Join(dir, d.name)); err != nil {
			return err
		}
	}
	return nil
}

func (d design) write(folder string) error {
	return store(folder, d.source(), append([][]string{append(names(len(d.values)), "class")}, d.rows()...))
}

// store writes a table and what there is to say of it to a folder.
func store(folder, source string, table [][]string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "source.toml"), []byte(source), 0o644); err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(folder, "data.csv.gz"))
	if err != nil {
		return err
	}
	return errors.Join(pack(file, table), file.Close())
}

func pack(w io.Writer, table [][]string) error {
	packed := gzip.NewWriter(w)
	if err := csv.NewWriter(packed).WriteAll(table); err != nil {
		return err
	}
	return packed.Close()
}

// names are those of so many columns.
func names(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("x%d", i+1))
	}
	return all
}

func (d design) source() string {
	categories := ""
	if d.categories {
		categories = `"` + strings.Join(names(len(d.values)), `", "`) + `"`
	}
	return fmt.Sprintf("name = %q\nmodality = \"tabular\"\ntask = \"classification\"\ntarget = \"class\"\ncategorical_columns = [%s]\n", d.name, categories)
}

// rows are all combinations with their classes.
func (d design) rows() (rows [][]string) {
	random := rand.New(rand.NewPCG(1, 0))
	x := make([]int, len(d.values))
	for more := true; more; more = d.next(x) {
		rows = append(rows, append(cells(x), d.class(x)))
	}
	d.disturb(rows, random)
	random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	return rows
}

// next is the following combination, and false behind the last.
func (d design) next(x []int) bool {
	for i := range x {
		if x[i]++; x[i] < d.values[i] {
			return true
		}
		x[i] = 0
	}
	return false
}

// disturb gives some rows another class.
func (d design) disturb(rows [][]string, random *rand.Rand) {
	var classes []string
	for _, row := range rows {
		classes = append(classes, row[len(row)-1])
	}
	slices.Sort(classes)
	classes = slices.Compact(classes)
	for _, row := range rows {
		if random.Float64() < d.noise {
			at := slices.Index(classes, row[len(row)-1])
			row[len(row)-1] = classes[(at+1+random.IntN(len(classes)-1))%len(classes)]
		}
	}
}

func cells(x []int) (row []string) {
	for _, v := range x {
		row = append(row, strconv.Itoa(v))
	}
	return row
}
