package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/sansang/sansang/internal/lang"
)

// readXLSX reads the sheets in memory: nothing is unpacked to the disk. Of a
// formula it takes the value that was saved with it.
func readXLSX(name string, data []byte, wanted func(*Table) bool) (first *Table, further []*Table, err error) {
	defer func() { // the library is handed whatever stands in the file
		if r := recover(); r != nil {
			first, further, err = nil, nil, notXLSX(fmt.Errorf("%v", r))
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: maxText, UnzipXMLSizeLimit: maxText})
	if err != nil {
		return nil, nil, notXLSX(err)
	}
	defer func() { _ = f.Close() }()
	var heavy *Fault
	var s scales
	f.Pkg.Range(func(name, part any) bool {
		text, _ := part.([]byte)
		heavy = s.weigh(fmt.Sprint(name), text)
		return heavy == nil
	})
	if heavy != nil {
		return nil, nil, heavy
	}
	sheets := f.GetSheetList()
	if len(sheets) == 0 {
		return nil, nil, notXLSX(errors.New("no sheet"))
	}
	props, _ := f.GetWorkbookProps()
	b := opened{file: f, early: props.Date1904 != nil && *props.Date1904}
	b.Name = name
	all := func(*Table) bool { return true }
	if first, err = b.read(sheets[0], all); err != nil {
		return nil, nil, err
	}
	for _, at := range sheets[1:] {
		if wanted == nil {
			break
		}
		of, err := b.read(at, wanted)
		if err != nil {
			return nil, nil, onSheet(at, err)
		} else if of != nil {
			further = append(further, of)
		}
	}
	return first, further, nil
}

// opened is a workbook of which sheet by sheet is read.
type opened struct {
	gather
	file   *excelize.File
	early  bool
	places int
}

// read gives a sheet, or nil if it is not wanted: its first rows are read then,
// and no later sheet has less room for them.
func (b *opened) read(at string, wanted func(*Table) bool) (*Table, error) {
	text := b.text
	b.Table = Table{Name: b.Name, Sheet: at}
	err := b.fill(at, wanted)
	of := b.Table
	if b.places <= maxPlaces && b.text <= maxText && !wanted(&of) { // what has no room left is told whatever it is
		b.text = text
		return nil, nil
	}
	b.rows += len(of.Rows)
	return &of, err
}

// fill gathers the rows, no more than the first of a sheet that is not wanted.
func (b *opened) fill(at string, wanted func(*Table) bool) error {
	shown, err := b.file.Rows(at)
	if err != nil {
		return notXLSX(err)
	}
	defer func() { _ = shown.Close() }()
	raw, err := b.file.Rows(at)
	if err != nil {
		return notXLSX(err)
	}
	defer func() { _ = raw.Close() }()
	for line := 1; shown.Next() && raw.Next(); line++ {
		cells, err := shown.Columns()
		if err != nil {
			return notXLSX(err)
		}
		if b.places += len(cells); b.places > maxPlaces { // a formula far to the right has all before it filled up
			return &Fault{line, lang.T("bảng XLSX có quá nhiều ô", "the XLSX has too many cells"), lang.T("bỏ các cột thừa", "remove the columns that are not needed")}
		}
		values, err := raw.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return notXLSX(err)
		}
		for i := range cells {
			if i < len(values) && cells[i] != values[i] {
				cells[i] = day(values[i], cells[i], b.early)
			}
		}
		before := len(b.Rows)
		if err := b.add(line, cells); err != nil {
			return err
		}
		if before < Top && len(b.Rows) == Top && !wanted(&b.Table) {
			return nil
		}
	}
	if err := errors.Join(shown.Error(), raw.Error()); err != nil {
		return notXLSX(err)
	}
	return nil
}

// onSheet says on which sheet a fault is.
func onSheet(at string, err error) error {
	var f *Fault
	if errors.As(err, &f) {
		return &Fault{f.Line, lang.T("trang tính «"+at+"»: "+f.What.Vi, "sheet «"+at+"»: "+f.What.En), f.Instead}
	}
	return err
}

// A number is taken for a day between 1990 and 2200, and only if it is shown as
// one: parted by strokes or dots, or with the Vietnamese words.
const firstDay, lastDay = 32874, 109575

var dated = regexp.MustCompile(`^[^/]*[0-9]+[/-][^/-]+[/-][0-9]+|[0-9]+\.[0-9]+\.[0-9]+|(?i:ngày|tháng)`)

// day gives a number that is shown as a day as that day, and leaves other
// cells as they are shown. A sheet made in America shows the month first.
func day(value, shown string, early bool) string {
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || n < firstDay || n > lastDay || !dated.MatchString(shown) {
		return shown
	}
	at, err := excelize.ExcelDateToTime(n, early)
	if err != nil {
		return shown
	}
	if n == float64(int64(n)) {
		return at.Format(time.DateOnly)
	}
	return at.Format("2006-01-02 15:04")
}

func notXLSX(err error) error {
	what := lang.Tf("không mở được bảng XLSX (%v)", "the XLSX cannot be opened (%v)", err)
	if strings.Contains(err.Error(), "unzip size") {
		what = lang.Tf("bảng XLSX lớn quá %d MB khi giải nén", "the XLSX is larger than %d MB when unpacked", maxText>>20)
	}
	return &Fault{What: what, Instead: saveAgain}
}

var saveAgain = lang.T("mở tệp bằng Excel hoặc LibreOffice, lưu lại thành .xlsx rồi thử lại", "open the file in Excel or LibreOffice, save it as .xlsx, and try again")
