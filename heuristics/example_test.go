package heuristics_test

import (
	"fmt"
	"log"

	"tuned"
	"tuned/heuristics"
)

// A plan is asked for until nothing is wanted any more.
func Example() {
	mine := `
[[rule]]
id     = "my.dropout"
set    = "dropout"
when   = "data.train_rows < 1000"
to     = 0.3
why    = "With only {data.train_rows} rows, {dropout} is switched off."
source = "Habit"
`
	book, err := heuristics.Load(heuristics.Common(),
		heuristics.Layer{Name: "user", File: "mine.toml", Text: mine},
		heuristics.Layer{Name: "built-in", File: "rules.toml", Text: tuned.Rules})
	if err != nil {
		log.Fatal(err)
	}
	facts := measured()
	facts["data.train_rows"] = 800
	delete(facts, "memory.max_batch")

	answer, err := book.Plan(heuristics.Input{Facts: facts})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("wants", answer.Want.Probe)

	facts["memory.max_batch"] = 512
	answer, err = book.Plan(heuristics.Input{Facts: facts, Pins: map[string]any{"epochs": 50}})
	if err != nil {
		log.Fatal(err)
	}
	for _, d := range answer.Decisions {
		if d.Setting == "epochs" || d.Setting == "dropout" {
			fmt.Printf("%s = %v: %s\n", d.Setting, d.Value, d.Why)
		}
	}
	// Output:
	// wants memory
	// epochs = 50: You fixed this to 50 in the job file. The rule "epochs.suitable" would have chosen 160.
	// dropout = 0.3: With only 800 rows, 30 % is switched off.
}
