package job

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"time"

	"tuned/trainer"
	"tuned/trainer/model"
)

// SavedModel is what predicting needs to know about a trained model besides its weights.
type SavedModel struct {
	Architecture string          `json:"architecture"`
	Version      string          `json:"version"`
	Program      string          `json:"program"` // sha256 of what held the model
	Task         model.Task      `json:"task"`
	Classes      []string        `json:"classes,omitempty"`
	Members      []model.Weights `json:"members"`     // whose outputs are averaged
	Temperature  float64         `json:"temperature"` // by which logarithms of probabilities are divided; 1 leaves them alone
	Target       model.Target    `json:"target"`      // regression: how outputs become values
	Seed         int64           `json:"seed"`
	Settings     Values          `json:"settings"`
	Weights      model.File      `json:"weights"` // the path is relative to the directory
}

// leave writes what a person keeps, and closes the run.
func (r *run) leave(ctx context.Context) error {
	if err := r.exportModel(ctx); err != nil {
		return err
	}
	if err := r.model.view.preprocess.Save(r.dir.file(PreprocessFile)); err != nil {
		return err
	}
	if err := r.weigh(ctx); err != nil {
		return err
	}
	if err := r.listen(); err != nil {
		return err
	}
	if err := writeJSON(r.dir.file(MetricsFile), r.metrics); err != nil {
		return err
	}
	ledger := NewLedger(r.entries())
	r.checkLimits(ledger)
	if err := writeJSON(r.dir.file(ledgerFile), ledger); err != nil {
		return err
	}
	if r.options.Report != nil {
		if err := r.options.Report(r.dir.root); err != nil {
			return err
		}
	}
	return r.finish()
}

func (r *run) exportModel(ctx context.Context) error {
	// What is exported has its batch-norm statistics from the training rows, also when nothing was held out.
	fresh := model.Evaluate{Rows: r.model.recalibrate[:1], Weights: r.outcome.Members, Recalibrate: r.model.recalibrate}
	results, err := r.model.session.Submit(ctx, fresh).Wait(ctx)
	if err != nil {
		return fmt.Errorf("write %s: %w", ModelFile, err)
	}
	if math.IsNaN(results[0].Loss) { // of a run that holds rows out, the evaluation told before
		return fmt.Errorf("%w at its end: for a row that was learned from the answer is no number", trainer.ErrDiverged)
	}
	file, err := r.model.session.Export(ctx, r.dir.file(ModelFile), r.outcome.Members)
	if err != nil {
		return fmt.Errorf("write %s: %w", ModelFile, err)
	}
	file.Path = ModelFile
	m := r.model
	r.record.Model = &SavedModel{
		Architecture: r.manifest.Name, Version: r.manifest.Version, Program: r.plan.Hashes.Architecture,
		Task: r.table.Task, Classes: r.table.Classes, Members: r.outcome.Members, Temperature: r.outcome.Temperature,
		Seed: r.options.Seed, Settings: Values(m.settings), Weights: file,
	}
	if m.view.Target != nil {
		r.record.Model.Target = *m.view.Target
	}
	return nil
}

// checkLimits says it where a run needed more than it was given.
func (r *run) checkLimits(l Ledger) {
	took := time.Duration(l.Total.WallSeconds * float64(time.Second)).Round(time.Second)
	if limit := r.job.Limits.Time; limit > 0 && took > limit {
		r.tell(Noted{What: fmt.Sprintf("The run took %s although the job allows %s: the plan was made for the speed that was measured before.", took, limit)})
	}
	if limit := r.job.Limits.Memory; limit > 0 && Bytes(l.Total.PeakBytes) > limit {
		r.tell(Noted{What: fmt.Sprintf(
			"The run held up to %s although the job allows %s: the limit holds what is allocated, and pages of mapped files, which the system can take back, come on top.",
			Bytes(l.Total.PeakBytes), limit)})
	}
}

// kept are the files that a finished run lists with their checksums.
var kept = []string{
	JobFile, PlanFile, JournalFile, MetricsFile, ledgerFile, ModelFile, PreprocessFile, PredictionsFile, mistakesFile, ReportFile,
}

// finish closes the journal, lists the files, and removes what only a run in progress needs.
func (r *run) finish() error {
	r.tell(Finished{})
	if err := errors.Join(r.lost, r.journal.close()); err != nil {
		return err
	}
	r.record.Files = nil
	for _, name := range kept {
		f, err := describe(r.dir.path, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // no holdout, no predictions; no images, no mistakes to look at
		}
		if err != nil {
			return err
		}
		r.record.Files = append(r.record.Files, f)
	}
	r.record.State = StateFinished
	if err := r.record.write(r.dir.root); err != nil {
		return err
	}
	_ = r.dir.sweep() // what is left over does no harm
	return nil
}
