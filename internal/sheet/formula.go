package sheet

import (
	"bytes"

	"github.com/sansang/sansang/internal/lang"
)

// A program that writes a formula without its value leaves a cell that reads as
// empty, and what is empty often means something: that a document says "met", or
// holds for all systems. So that is refused.

// cell is that of which the tags go by.
type cell struct {
	off, formula, text bool
	name               []byte // such as B14
}

// see takes in a tag that opens.
func (c *cell) see(tag []byte) *Fault {
	if c.off {
		return nil
	}
	end := bytes.IndexByte(tag, '>')
	if end < 0 {
		return nil
	}
	switch head := tag[:end]; local(tag) {
	case "": // one that closes
	case "f":
		c.formula = c.name != nil
	case "v":
		if given := tag[end+1:]; c.text || head[end-1] != '/' && len(given) > 0 && given[0] != '<' {
			c.formula = false
		}
	case "c":
		fault := c.close()
		c.name, c.text = attribute(head, "r"), string(attribute(head, "t")) == "str"
		return fault
	default:
		fault := c.close()
		c.name = nil
		return fault
	}
	return nil
}

// close tells what is wrong with the cell when it is over.
func (c *cell) close() *Fault {
	if !c.formula {
		return nil
	}
	return &Fault{What: lang.Tf("công thức ở ô %s chưa có giá trị được lưu", "the formula in cell %s has no value saved with it", outside(c.name)), Instead: saveAgain}
}

// attribute gives the value of an attribute of a tag; empty if it has none.
func attribute(head []byte, name string) []byte {
	_, rest, ok := bytes.Cut(head, []byte(" "+name+`="`))
	if !ok {
		return []byte{}
	}
	value, _, _ := bytes.Cut(rest, []byte(`"`))
	return value
}

// outside keeps of the name of a cell what names of cells have.
func outside(name []byte) string {
	for i, b := range name {
		if i == 10 || (b < 'A' || b > 'Z') && (b < '0' || b > '9') {
			return string(name[:i])
		}
	}
	return string(name)
}
