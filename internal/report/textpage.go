package report

import "strings"

// style is how a stretch of text stands out. It never carries meaning that
// the words do not.
type style string

// The styles, as SGR parameters.
const (
	plain  style = ""
	bold   style = "1"
	faint  style = "2"
	red    style = "1;31"
	green  style = "1;32"
	yellow style = "1;33"
)

// labelColumns is the room for the label of a field.
const labelColumns = 12

// textPage is lines of text, none wider than its columns.
type textPage struct {
	out    strings.Builder
	width  int
	colour bool
}

func (p *textPage) paint(st style, s string) string {
	if !p.colour || st == plain || s == "" {
		return s
	}
	return "\x1b[" + string(st) + "m" + s + "\x1b[0m"
}

// write wraps a text, its lines after the first hanging further in.
func (p *textPage) write(st style, first, rest, text string) {
	lead := first
	for _, line := range wrap(text, p.width-width(rest)) {
		p.out.WriteString(strings.TrimRight(lead+p.paint(st, line), " ") + "\n")
		lead = rest
	}
}

func (p *textPage) gap() { p.out.WriteByte('\n') }

// heading begins a section, with a rule to the edge.
func (p *textPage) heading(text string) {
	text, _ = split(text, p.width-8)
	p.gap()
	p.out.WriteString("── " + p.paint(bold, text) + " " + strings.Repeat("─", max(2, p.width-width(text)-4)) + "\n")
}

// field writes a label and beside it its text; an empty text leaves the field
// out.
func (p *textPage) field(indent int, label, text string) { p.labelled(indent, 0, label, text) }

// list writes a label and beside it each text on lines of its own, those after
// its first hanging in.
func (p *textPage) list(indent int, label string, texts []string) {
	for _, t := range texts {
		p.labelled(indent, 2, label, t)
		label = ""
	}
}

func (p *textPage) labelled(indent, hang int, label, text string) {
	if text == "" {
		return
	}
	head := strings.Repeat(" ", indent) + p.paint(faint, label) + strings.Repeat(" ", max(1, labelColumns-width(label)))
	p.write(plain, head, strings.Repeat(" ", indent+labelColumns+hang), text)
}
