package text

// Column is a column's texts, by row, as plain texts.
type Column struct {
	Words []byte  // of all rows, one after another
	Ends  []int64 // of each row: where its words end
}

// Row are the words of a row, as a plain text.
func (t *Column) Row(i int) []byte {
	from := int64(0)
	if i > 0 {
		from = t.Ends[i-1]
	}
	if from == t.Ends[i] {
		return nil
	}
	return t.Words[from:t.Ends[i]]
}
