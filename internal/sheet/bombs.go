package sheet

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/sansang/sansang/internal/lang"
)

// The library copies the string of a cell whenever a row is read, and reads a
// whole row at once: a string of megabytes that a thousand cells of one row
// name would be gigabytes before any bound of ours is asked. So the parts are
// weighed before it reads them.
const (
	maxTags   = 20 << 20  // of all parts; a cell has six
	maxFilled = 1000      // values and formulas of one row
	maxString = 128 << 10 // bytes of a shared string with its markup; Excel allows 32,767 letters
	maxCode   = 16 << 10  // bytes of a tag among the styles; a format of numbers has 255 letters, the first tag all namespaces
)

// scales count what the parts of an XLSX hold.
type scales struct{ tags int }

// weigh walks over the tags of a part, and tells what would cost too much.
func (s *scales) weigh(name string, part []byte) *Fault {
	if !readable(part) {
		return nil // a picture: no parser gets past its head
	}
	stretch := len(part) // between two tags
	switch name {
	case "xl/sharedStrings.xml":
		stretch = maxString
	case "xl/styles.xml":
		stretch = maxCode
	}
	filled, began := 0, 0
	open := cell{off: !strings.HasPrefix(name, "xl/worksheets/")}
	for at := 0; ; {
		n := bytes.IndexByte(part[at:], '<')
		if n > stretch || n < 0 && len(part)-at > stretch {
			return longText()
		} else if n < 0 {
			return open.close()
		}
		at += n
		if s.tags++; s.tags > maxTags {
			return &Fault{What: lang.T("bảng XLSX có quá nhiều ô", "the XLSX has too many cells"), Instead: lang.T("chia thành nhiều tệp", "divide it")}
		}
		skip := 1
		switch tag := part[at:]; {
		case bytes.HasPrefix(tag, []byte("<!--")):
			skip = past(tag, 4, "-->")
		case bytes.HasPrefix(tag, []byte("<![CDATA[")):
			skip = past(tag, 9, "]]>")
		case bytes.HasPrefix(tag, []byte("<!")):
			return &Fault{What: lang.T("bảng XLSX có khai báo DOCTYPE", "the XLSX has a declaration of a DOCTYPE"), Instead: saveAgain} // ECMA-376 has none
		case bytes.HasPrefix(tag, []byte("<?")):
			skip = past(tag, 2, "?>")
			if head := bytes.ToLower(tag[:skip]); bytes.Contains(head, []byte("encoding")) && !bytes.Contains(head, []byte("utf-8")) {
				return &Fault{What: lang.T("bảng XLSX không viết bằng UTF-8", "the XLSX is not written in UTF-8"), Instead: saveAgain} // a tag would look otherwise
			}
		default:
			if fault := open.see(tag); fault != nil {
				return fault
			}
			switch local(tag) {
			case "row":
				filled = 0
			case "si":
				began = at
			case "v", "f", "is":
				if filled++; filled > maxFilled {
					return &Fault{What: lang.Tf("bảng XLSX có dòng với hơn %d ô", "the XLSX has a row of more than %d cells", maxFilled), Instead: lang.T("bỏ các cột thừa", "remove the columns that are not needed")}
				}
			}
		}
		if skip > stretch || stretch == maxString && at+skip-began > maxString {
			return longText()
		}
		at += skip
	}
}

func longText() *Fault {
	return &Fault{What: lang.Tf("bảng XLSX có ô chứa quá nhiều chữ (hơn %d kB)", "the XLSX has a cell with too much text (more than %d kB)", maxString>>10), Instead: lang.T("rút ngắn", "shorten it")}
}

// past is where a piece of markup ends, whose end is not before from.
func past(tag []byte, from int, end string) int {
	if i := bytes.Index(tag[from:], []byte(end)); i >= 0 {
		return from + i + len(end)
	}
	return len(tag)
}

// local is the name of a tag that opens, without its namespace.
func local(tag []byte) string {
	name := tag[1:]
	if i := bytes.IndexAny(name, " \t\r\n/><"); i >= 0 {
		name = name[:i]
	}
	if space, own, ok := bytes.Cut(name, []byte(":")); ok && len(space) > 0 {
		name = own
	}
	return string(name)
}

// readable tells whether a part may be XML at all.
func readable(part []byte) bool {
	for head := part[:min(len(part), 64)]; len(head) >= utf8.UTFMax; {
		r, n := utf8.DecodeRune(head)
		if r == utf8.RuneError && n == 1 || r < ' ' && r != '\t' && r != '\n' && r != '\r' {
			return false
		}
		head = head[n:]
	}
	return true
}
