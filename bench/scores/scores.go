// Package scores compares one run of tuned on each data set with what its peers reach there.
package scores

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"

	"tuned/bench/lines"
	"tuned/bench/trial"
	"tuned/trainer/metric"
)

// Line is one run's result.
type Line struct {
	Set     string       `json:"set"`
	Rows    int          `json:"rows"`
	Split   int          `json:"split"`
	Result  trial.Result `json:"result"`
	Machine string       `json:"machine"`
	Commit  string       `json:"commit"`
}

// Key names what was measured.
func (l Line) Key() string { return fmt.Sprintf("%s/%d/%d", l.Set, l.Rows, l.Split) }

// Peer is a peer's mean test score over splits, its standard error and its CPU seconds.
type Peer struct {
	Score, Error, CPU float64
}

// peerNames are the columns of the table, as the file of peers calls them.
var peerNames = []string{"realmlp_tds", "mlp_default", "xgb_default"}

// row is a data set's line of the table.
type row struct {
	set     string
	metric  string
	scores  []float64
	cpu     float64
	share   float64 // of the run's FLOPs that went into probes
	problem int     // runs that failed
	peers   map[string]Peer
	paired  []float64 // our error less scikit-learn's on the same split, where it ran there
}

func (r row) mean() float64 { return stat.Mean(r.scores, nil) }

func (r row) standardError() float64 {
	if len(r.scores) < 2 {
		return 0
	}
	return stat.StdErr(stat.StdDev(r.scores, nil), float64(len(r.scores)))
}

// reaches tells whether the mean is at least the peer's, give or take its standard error.
func (r row) reaches(name string) bool {
	p := r.peers[name]
	if metric.HigherIsBetter(r.metric) {
		return r.mean() >= p.Score-p.Error
	}
	return r.mean() <= p.Score+p.Error
}

// Write reads results and peers, and scikit-learn's lines on our splits, and writes the table.
func Write(table, results, peers, scikit string) error {
	all, err := lines.Read[Line](results)
	if err != nil {
		return err
	}
	known, err := readPeers(peers)
	if err != nil {
		return err
	}
	theirs, err := onOurSplits(scikit)
	if err != nil {
		return err
	}
	return os.WriteFile(table, []byte(render(group(all, known, theirs), all)), 0o644)
}

// group gathers the lines of each set that the peers know.
func group(all []Line, known map[string]map[string]map[string]float64, theirs map[string]float64) []row {
	rows := map[string]*row{}
	for _, l := range all {
		about, ok := known[l.Set]
		if !ok {
			continue
		}
		r := rows[l.Set]
		if r == nil {
			r = &row{set: l.Set, metric: l.Result.Metric, peers: peersOf(about, l.Result.Metric)}
			rows[l.Set] = r
		}
		if l.Result.Problem != "" {
			r.problem++
			continue
		}
		r.scores = append(r.scores, l.Result.Test.Get(r.metric))
		r.pair(l, theirs)
		r.cpu += l.Result.CPUSeconds
		r.share = max(r.share, float64(l.Result.ProbeFLOPs)/float64(l.Result.FLOPs))
	}
	var sorted []row
	for _, r := range rows {
		r.cpu /= float64(max(1, len(r.scores)))
		sorted = append(sorted, *r)
	}
	slices.SortFunc(sorted, func(a, b row) int { return cmp.Compare(a.set, b.set) })
	return sorted
}

// readPeers reads scores by set, arm and figure; what is not a set is left out.
func readPeers(path string) (map[string]map[string]map[string]float64, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, err
	}
	known := map[string]map[string]map[string]float64{}
	for set, about := range raw {
		var arms map[string]json.RawMessage
		if json.Unmarshal(about, &arms) != nil {
			continue
		}
		known[set] = map[string]map[string]float64{}
		for arm, figures := range arms {
			var f map[string]float64
			if json.Unmarshal(figures, &f) == nil {
				known[set][arm] = f
			}
		}
	}
	return known, nil
}

func peersOf(about map[string]map[string]float64, metric string) map[string]Peer {
	peers := map[string]Peer{}
	for _, name := range peerNames {
		f := about[name]
		peers[name] = Peer{Score: f[metric], Error: f[metric+"_se"], CPU: f["cpu_s"]}
	}
	return peers
}

// render writes the table with its verdicts.
func render(rows []row, all []Line) string {
	var b strings.Builder
	b.WriteString("# One run of tuned on each development set\n\n")
	b.WriteString("80/20 splits (`split_seed` 0 to 2; 0 to 9 below 2,000 rows), at most 20,000 rows, no pins, no rule for any one set, one thread.\n")
	b.WriteString("Peers: their mean ± standard error over three splits of their own. Bold: within one standard error of RealMLP-TD-S or better.\n\n")
	fmt.Fprintf(&b, "Made by `go run ./bench scores` on %s; %s.\n\n", all[len(all)-1].Machine, commits(all))
	b.WriteString("| set | metric | n | tuned | RealMLP-TD-S | scikit-learn MLP | XGBoost | CPU s | of it probes (FLOPs) |\n|---|---|---|---|---|---|---|---|---|\n")
	reached, fell := 0, 0
	for _, r := range rows {
		mark := ""
		if r.reaches("realmlp_tds") {
			mark = "**"
			reached++
		}
		if r.belowScikit() {
			fell++
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %s%s ± %s%s |", r.set, r.metric, len(r.scores), mark, short(r.mean()), short(r.standardError()), mark)
		for _, name := range peerNames {
			fmt.Fprintf(&b, " %s ± %s |", short(r.peers[name].Score), short(r.peers[name].Error))
		}
		fmt.Fprintf(&b, " %.1f | %.0f %% |\n", r.cpu, 100*r.share)
	}
	for _, r := range rows {
		if len(r.paired) > 1 {
			fmt.Fprintf(&b, "\nOn the same %d splits of %s, our error less that of scikit-learn's MLP: %+.4f ± %.4f.\n", len(r.paired), r.set,
				stat.Mean(r.paired, nil), stat.StdErr(stat.StdDev(r.paired, nil), float64(len(r.paired))))
		}
	}
	fmt.Fprintf(&b, "\nAt least RealMLP-TD-S minus one standard error on %d of %d sets; below scikit-learn's MLP by more than one on %d.\n", reached, len(rows), fell)
	return b.String()
}

// commits names what was measured.
func commits(all []Line) string {
	return "commit " + strings.Join(lines.Distinct(all, func(l Line) string { return l.Commit }), ", ")
}

// short writes a score with four significant digits.
func short(v float64) string {
	if math.Abs(v) >= 1000 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.4g", v)
}
