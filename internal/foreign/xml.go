package foreign

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// Bounds of XML. A rule of a benchmark lies some fifteen elements deep.
const (
	maxDepth    = 100
	maxElements = 5_000_000
	maxAttrs    = 200
)

// boundedXML hands on what a decoder reads, and refuses what no result file has
// and an attacker would: a document type with entities of its own, endless
// nesting. encoding/xml knows no entity but the five of XML and fetches nothing.
type boundedXML struct {
	raw             *xml.Decoder
	depth, elements int
}

func newXML(data []byte) (*boundedXML, *xml.Decoder) {
	b := &boundedXML{raw: xml.NewDecoder(bytes.NewReader(data))}
	return b, xml.NewTokenDecoder(b)
}

// Token gives the next token, or why there shall be none.
func (b *boundedXML) Token() (xml.Token, error) {
	t, err := b.raw.RawToken()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case xml.StartElement:
		b.depth, b.elements = b.depth+1, b.elements+1
		if b.depth > maxDepth || b.elements > maxElements || len(t.Attr) > maxAttrs {
			return nil, b.at(wrongf("XML lồng quá sâu hoặc quá nhiều phần tử", "the XML is nested too deeply or has too many elements"))
		}
	case xml.EndElement:
		b.depth--
	case xml.Directive:
		return nil, b.at(wrongf("tệp có khai báo DOCTYPE, không nhận", "the file has a DOCTYPE, which is not taken"))
	}
	return t, nil
}

func (b *boundedXML) at(err error) error {
	line, _ := b.raw.InputPos()
	return &lineError{line, err}
}

// flaw says where XML is broken.
func (b *boundedXML) flaw(err error) error {
	var at *lineError
	var syntax *xml.SyntaxError
	switch {
	case errors.As(err, &at):
		return err
	case errors.As(err, &syntax):
		return b.at(wrongf("không phải XML trọn vẹn: %s", "this is no whole XML: %s", short(syntax.Msg)))
	case errors.Is(err, io.ErrUnexpectedEOF):
		return b.at(wrongf("tệp bị cắt giữa chừng", "the file is cut short"))
	}
	return b.at(err)
}

const xccdfSpace = "http://checklists.nist.gov/xccdf/1."

// detectXML tells by the first element. What is broken before it is left to the
// reader, which says how.
func detectXML(data []byte) string {
	_, d := newXML(data)
	for {
		t, err := d.Token()
		if err != nil {
			return "xccdf"
		}
		if e, ok := t.(xml.StartElement); ok {
			switch {
			case strings.HasPrefix(e.Name.Space, xccdfSpace), e.Name.Local == "asset-report-collection":
				return "xccdf"
			case e.Name.Local == "assessment-results":
				return "oscal"
			}
			return ""
		}
	}
}
