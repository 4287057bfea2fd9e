package sheet

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/sansang/sansang/internal/lang"
)

// readCSV reads UTF-8, with or without a byte order mark, or UTF-16 with one,
// its cells parted by whichever of tab, semicolon and comma the first row has
// most: Excel writes what the system's region says.
func readCSV(name string, data []byte) (*Table, error) {
	text, fault := decoded(data)
	if fault != nil {
		return nil, fault
	}
	skipped := 0
	comma := rune(0)
	if first, rest, ok := bytes.Cut(text, []byte("\n")); ok {
		if sep := strings.TrimRight(string(first), "\r"); len(sep) == 5 && strings.EqualFold(sep[:4], "sep=") { // by which Excel is told
			comma, text, skipped = rune(sep[4]), rest, 1
		}
	}
	if comma == 0 {
		comma = separator(text)
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord = comma, -1
	g := gather{Table: Table{Name: name}}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return &g.Table, nil
		}
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			return nil, &Fault{wrong.StartLine + skipped, lang.T("dấu ngoặc kép không khép, hoặc đứng giữa ô", "a quotation mark is not closed, or stands inside a cell"),
				lang.T("mở tệp bằng Excel hoặc LibreOffice rồi lưu lại; trong ô, viết dấu ngoặc kép hai lần", "open and save the file in Excel or LibreOffice; inside a cell write a quotation mark twice")}
		}
		if err != nil {
			return nil, &Fault{What: lang.Tf("không phải bảng CSV (%v)", "this is no CSV table (%v)", err)}
		}
		line, _ := r.FieldPos(0)
		if err := g.add(line+skipped, cells); err != nil {
			return nil, err
		}
	}
}

// decoded gives the text in UTF-8 without a byte order mark.
func decoded(data []byte) ([]byte, error) {
	if text, ok := bytes.CutPrefix(data, []byte("\ufeff")); ok {
		data = text
	} else if bytes.HasPrefix(data, []byte{0xff, 0xfe}) {
		data = wide(data[2:], binary.LittleEndian)
	} else if bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
		data = wide(data[2:], binary.BigEndian)
	}
	if !utf8.Valid(data) {
		line := 1
		for rest := data; ; line++ {
			row, next, more := bytes.Cut(rest, []byte("\n"))
			if !utf8.Valid(row) || !more {
				break
			}
			rest = next
		}
		return nil, &Fault{line, lang.T("tệp không phải UTF-8, chữ tiếng Việt sẽ sai", "the file is not UTF-8, so that letters would come out wrong"),
			lang.T("trong Excel, lưu dạng «CSV UTF-8», hoặc lưu thành .xlsx", "in Excel save it as «CSV UTF-8», or as .xlsx")}
	}
	return data, nil
}

func wide(data []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// separator counts outside quotation marks, in the first lines: titles above
// the table may have none.
func separator(text []byte) rune {
	count, quoted, lines := map[byte]int{}, false, 0
	for _, b := range text {
		switch {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '\n':
			if lines++; lines == 20 {
				return most(count)
			}
		case b == ',' || b == ';' || b == '\t':
			count[b]++
		}
	}
	return most(count)
}

func most(count map[byte]int) rune {
	best := byte(',')
	for _, b := range []byte{';', '\t'} {
		if count[b] > count[best] {
			best = b
		}
	}
	return rune(best)
}
