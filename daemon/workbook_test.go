package daemon_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/xuri/excelize/v2"
)

// writeBook writes a workbook of two tables, of which the second can be learned.
func writeBook(t *testing.T) string {
	t.Helper()
	f := excelize.NewFile()
	_, err := f.NewSheet("Incomes")
	err = errors.Join(err, f.SetSheetRow("Sheet1", "A1", &[]any{"town", "people"}), f.SetSheetRow("Incomes", "A1", &[]any{"Incomes of 2023"}),
		f.SetSheetRow("Incomes", "A3", &[]any{"hours", "income"}))
	for i := range 120 {
		err = errors.Join(err, f.SetSheetRow("Incomes", fmt.Sprintf("A%d", i+4), &[]any{float64(i*i%41) / 2, i * i % 41 * 100}))
	}
	path := filepath.Join(t.TempDir(), "incomes.xlsx")
	if err := errors.Join(err, f.SaveAs(path), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestAWorkbookOnThePage is a person whose table is in the second sheet.
func TestAWorkbookOnThePage(t *testing.T) {
	d := start(t, "")
	b := newBrowser(t)
	b.do("choose a workbook", chromedp.Navigate(d.URL+"/login#"+d.Token.Reveal()), chromedp.WaitVisible(chromedp.CSS(`#start`)),
		chromedp.Click(chromedp.CSS(`a[href="/new"]`)), chromedp.WaitVisible(chromedp.CSS(`[name="data.target"]`)),
		chromedp.SetUploadFiles(chromedp.CSS(`input[type=file]`), []string{writeBook(t)}), chromedp.WaitReady(chromedp.CSS(`#names option[value=people]`)),
	)
	b.do("name the sheet", chromedp.Click(chromedp.CSS(`details:has(#columns) summary`)), chromedp.SendKeys(chromedp.CSS(`[name="data.sheet"]`), "Incomes\t"),
		chromedp.WaitReady(chromedp.CSS(`#names option[value=income]`)), chromedp.SendKeys(chromedp.CSS(`[name="data.target"]`), "income"))
	b.accessible("the form with a sheet")
	b.picture("form-sheet")
	b.do("start it", chromedp.Click(chromedp.CSS(`main button.approve`)), wait(`document.querySelector("#state")?.dataset.state == "finished"`))
	b.contains(`main`, "Incomes of 2023")
	b.picture("job-sheet")
}
