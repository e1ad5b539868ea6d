package data

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// archive is a zip file of these parts: names and contents in turn.
func archive(t testing.TB, parts ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		part, err := w.Create(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, parts[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const (
	bookPart  = `<workbook xmlns:r="r"><sheets><sheet name="S" r:id="rId1"/></sheets></workbook>`
	bookLinks = `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="s.xml"/><Relationship Id="rId2" Type="x/sharedStrings" Target="t.xml"/></Relationships>`
)

// handMade is a workbook of one sheet, of these rows, and of these shared texts.
func handMade(t testing.TB, rows, texts string) string {
	return archive(t, "xl/workbook.xml", bookPart, "xl/_rels/workbook.xml.rels", bookLinks, "xl/s.xml",
		"<worksheet><sheetData>"+rows+"</sheetData></worksheet>", "xl/t.xml", "<sst>"+texts+"</sst>")
}

// TestWhatIsNoTable: what people have instead of a table is called by its name, with a way out.
func TestWhatIsNoTable(t *testing.T) {
	old, err := os.ReadFile(book(t, func(f *excelize.File) { sheet(t, f, "Sheet1", "A1", []any{"x", "y"}) }))
	if err != nil {
		t.Fatal(err)
	}
	locked, err := excelize.Encrypt(old, &excelize.Options{Password: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	compound := "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600) + "W\x00o\x00r\x00k\x00b\x00o\x00o\x00k\x00"
	tests := []struct{ name, file, problem, hint string }{
		{"password", string(locked), "password", "without one"},
		{"xls", compound, "(.xls)", "save it as .xlsx"},
		{"xlsb", archive(t, "xl/workbook.bin", "x", "_rels/.rels", `<Relationships><Relationship Type="x/officeDocument" Target="xl/workbook.bin"/></Relationships>`), ".xlsb", ".xlsx"},
		{"ods", archive(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml", "<x/>"), "OpenDocument", "CSV"},
		{"Numbers", archive(t, "Index/Document.iwa", "x"), "Apple Numbers", "export"},
		{"docx", archive(t, "_rels/.rels", `<Relationships><Relationship Type="x/officeDocument" Target="word/document.xml"/></Relationships>`, "word/document.xml", "<document/>"), "a document", "table"},
		{"zip", archive(t, "a.csv", "x,y\n"), "zip archive", "unpack"},
		{"empty zip", archive(t), "zip archive", "unpack"},
		{"cut", string(old[:len(old)/2]), "zip", "damaged"},
		{"compressed workbook", compress(t, "gz", string(old)), "compressed workbook", "unpack"},
		{"web page", "<!DOCTYPE html><table><tr><td>x</td></tr></table>", "web page", ".xlsx"},
		{"XML", "<?xml version=\"1.0\"?>\n<Workbook/>", "XML", ".xlsx"},
		{"empty sheet", handMade(t, `<row r="4"><c r="A4" t="str"><v> </v></c></row>`, ""), "the sheet is empty", "name the columns"},
		{"header alone", handMade(t, `<row r="1"><c r="A1" t="str"><v>x</v></c><c r="B1" t="str"><v>y</v></c></row>`, ""), "nothing else", "rows are expected"},
		{"damaged sheet", handMade(t, `<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2" t="s"><v>7</v></c></row>`, "<si><t>a</t></si>"), "column A is missing", "damaged"},
		{"a sheet that ends", archive(t, "xl/workbook.xml", bookPart, "xl/_rels/workbook.xml.rels", bookLinks, "xl/t.xml", "<sst></sst>",
			"xl/s.xml", `<worksheet><sheetData><row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>1</v>`), "unexpected EOF", "damaged"},
		{"a gap", handMade(t, `<row r="1"><c r="A1" t="str"><v>x</v></c><c r="B1" t="str"><v>y</v></c></row><row r="2"><c r="A2"><v>1</v></c></row><row r="4000"><c r="A4000"><v>1</v></c></row>`, ""), "3997 empty rows", "below the table"},
		{"names twice", handMade(t, `<row r="3"><c r="B3" t="str"><v>y</v></c><c r="D3" t="str"><v>y</v></c></row><row r="4"><c r="B4"><v>1</v></c></row>`, ""), `several columns are called "y"`, "rename one"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tryRead(t, "", Spec{Path: write(t, "data.xlsx", tt.file), Target: "y"})
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if !strings.Contains(e.Err.Error(), tt.problem) || !strings.Contains(e.Hint, tt.hint) {
				t.Errorf("got cause %q, hint %q at %q", e.Err, e.Hint, e.Place)
			}
		})
	}
}

// TestWorkbooksThatUnpackToMuch: what a small archive unpacks to costs neither memory nor a crash.
func TestWorkbooksThatUnpackToMuch(t *testing.T) {
	spaces := strings.Repeat(" ", 64<<20)
	head := `<row><c t="str"><v>x</v></c><c t="str"><v>y</v></c></row>`
	tests := map[string]string{
		"a cell":       handMade(t, head+"<row><c><v>"+spaces+"</v></c></row>", ""),
		"between rows": handMade(t, head+spaces+"<row><c><v>1</v></c></row>", ""),
		"a name":       handMade(t, head+"<row "+spaces+"><c><v>1</v></c></row>", ""),
		"a text":       handMade(t, head, "<si><t>"+spaces+"</t></si>"),
		"the workbook": archive(t, "xl/workbook.xml", spaces+bookPart),
	}
	for name, file := range tests {
		t.Run(name, func(t *testing.T) {
			path := write(t, "data.xlsx", file)
			var err error
			if used := allocated(func() { _, err = tryRead(t, "", Spec{Path: path, Target: "y"}) }); used > 256<<20 {
				t.Errorf("%d MiB were allocated for %d KiB", used>>20, len(file)>>10)
			}
			var e *Error
			if !errors.As(err, &e) || !strings.Contains(e.Err.Error(), "too large") || e.Hint != "save the sheet as CSV" {
				t.Errorf("got %v", err)
			}
		})
	}
}

func FuzzWorkbook(f *testing.F) {
	f.Add(`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row><row><c><v>1.5</v></c><c t="b"><v>1</v></c></row><row><c s="1"><v>45000</v></c><c t="e"><v>#N/A</v></c></row>`,
		`<si><t>x</t></si><si><r><t>y</t></r><rPh><t>z</t></rPh></si>`, "d/m/yy;@")
	f.Add(`<row r="9"><c t="inlineStr"><is><t>_x0041_x</t></is></c><c t="str"><f>A1</f><v>y</v></c></row><row r="12"><c t="d"><v>2024-01-31</v></c><c r="B12"/></row>`, "", "[h]:mm")
	f.Add(`<row><c r="XFD1"><v>y</v></c><c r="A1"><v>1</v></c></row><row/><row r="3"><c r="XFD3" s="2"><v>-1e300</v></c></row>`, "<si/>", "00000")
	f.Fuzz(func(t *testing.T, rows, texts, format string) {
		styles := `<styleSheet><numFmts><numFmt numFmtId="170" formatCode="` + strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;").Replace(format) +
			`"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/></cellXfs></styleSheet>`
		links := strings.Replace(bookLinks, "</", `<Relationship Id="rId3" Type="x/styles" Target="f.xml"/></`, 1)
		path := write(t, "data.xlsx", archive(t, "xl/workbook.xml", bookPart, "xl/_rels/workbook.xml.rels", links, "xl/f.xml", styles,
			"xl/t.xml", "<sst>"+texts+"</sst>", "xl/s.xml", "<worksheet><sheetData>"+rows+"</sheetData></worksheet>"))
		if used := allocated(func() {
			if d, err := Read(context.Background(), Spec{Path: path, Target: "y", Holdout: 0.3}, t.TempDir(), nil); err == nil {
				checkTable(t, d)
				_ = d.Close()
			}
		}); used > 1<<30 {
			t.Errorf("%d MiB were allocated for %d bytes", used>>20, len(rows)+len(texts))
		}
	})
}

// FuzzArchive damages whole files.
func FuzzArchive(f *testing.F) {
	f.Add([]byte(handMade(f, `<row><c t="str"><v>x</v></c><c t="str"><v>y</v></c></row><row><c><v>1</v></c><c t="s"><v>0</v></c></row>`, "<si><t>a</t></si>")))
	f.Fuzz(func(t *testing.T, file []byte) {
		path := write(t, "data.xlsx", "PK\x03\x04"+string(file[min(4, len(file)):]))
		if d, err := Read(context.Background(), Spec{Path: path, Target: "y", Holdout: 0.3}, t.TempDir(), nil); err == nil {
			checkTable(t, d)
			_ = d.Close()
		}
	})
}
