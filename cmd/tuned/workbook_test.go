package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"
)

// workbook writes a CSV as a sheet of a workbook, behind one of remarks: workbook CSV XLSX SHEET.
func workbook(ts *testscript.TestScript, _ bool, args []string) {
	records, err := csv.NewReader(strings.NewReader(ts.ReadFile(args[0]))).ReadAll()
	ts.Check(err)
	f := excelize.NewFile()
	ts.Check(f.SetSheetRow("Sheet1", "A1", &[]any{"About", "what was measured"}))
	_, err = f.NewSheet(args[2])
	ts.Check(err)
	for i, record := range records {
		row := make([]any, len(record))
		for j, cell := range record {
			row[j] = cell
			if v, err := strconv.ParseFloat(cell, 64); err == nil {
				row[j] = v
			}
		}
		at, err := excelize.CoordinatesToCellName(1, i+1)
		ts.Check(errors.Join(err, f.SetSheetRow(args[2], at, &row)))
	}
	ts.Check(errors.Join(f.SaveAs(ts.MkAbs(args[1])), f.Close()))
}

// asJSONLines writes a CSV as lines of JSON: jsonlines CSV JSONL.
func asJSONLines(ts *testscript.TestScript, _ bool, args []string) {
	records, err := csv.NewReader(strings.NewReader(ts.ReadFile(args[0]))).ReadAll()
	ts.Check(err)
	var text strings.Builder
	for _, record := range records[1:] {
		row := map[string]any{}
		for j, cell := range record {
			row[records[0][j]] = cell
			if _, err := strconv.ParseFloat(cell, 64); err == nil {
				row[records[0][j]] = json.Number(cell)
			}
		}
		ts.Check(json.NewEncoder(&text).Encode(row))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text.String()), 0o600))
}
