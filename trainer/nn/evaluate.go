package nn

// Forward evaluates any number of rows without randomness and returns the mean loss without smoothing, or 0 when the
// data holds no targets. out, if not nil, receives len(rows) × Outputs() numbers: probabilities, or values. A row's
// outputs, and the loss, do not depend on MaxBatch or Threads wherever the kernels treat rows alike.
func (p *Program) Forward(rows []int32, out []float32) (loss float64) {
	var total float64
	for at := 0; at < len(rows); at += p.maxBatch {
		part := rows[at:min(at+p.maxBatch, len(rows))]
		p.begin(part, 0, 0)
		p.out = nil
		if out != nil {
			p.out = out[at*p.Outputs() : (at+len(part))*p.Outputs()]
		}
		p.team.run(p.evaluateTask)
		for _, l := range p.rowLoss[:len(part)] {
			loss += l
		}
		total += p.total
	}
	p.out = nil
	if total == 0 || !p.learns() {
		return 0
	}
	return loss / total
}

// learns reports whether the data holds the loss's targets.
func (p *Program) learns() bool {
	if p.loss.target() == labels {
		return p.data.Labels != nil
	}
	return p.data.Values != nil
}

func (p *Program) doEvaluate(w *worker) {
	w.begin(p.rows, false)
	w.forward(0, len(p.nodes))
	if p.mirrors {
		w.meanOfMirrored()
	}
	if p.learns() {
		for i := range w.n {
			p.rowLoss[w.first+i] = p.loss.evaluate(w, i)
		}
	}
	if k := p.Outputs(); p.out != nil {
		p.loss.predict(w, p.out[w.first*k:(w.first+w.n)*k])
	}
}

// Outputs is the number of values that Forward yields for a row.
func (p *Program) Outputs() int { return p.loss.outputs() }
