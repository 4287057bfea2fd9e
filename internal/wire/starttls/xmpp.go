package starttls

import (
	"encoding/xml"
	"errors"
	"io"
	"net"
	"strings"
)

// The namespaces of RFC 6120 that matter here.
const (
	nsStream = "http://etherx.jabber.org/streams"
	nsTLS    = "urn:ietf:params:xml:ns:xmpp-tls"
	nsSASL   = "urn:ietf:params:xml:ns:xmpp-sasl"
)

// xmpp is RFC 6120 §5.4: stream header, features, <starttls/>, <proceed/>.
func xmpp(content string) func(*session) error {
	return func(s *session) error { return s.stream(content) }
}

func (s *session) stream(content string) error {
	to := new(strings.Builder)
	_ = xml.EscapeText(to, []byte(s.name)) // a Builder takes all
	err := s.send([]byte("<?xml version='1.0'?><stream:stream to='" + to.String() + "' version='1.0' xmlns='" + content + "' xmlns:stream='" + nsStream + "'>"))
	if err != nil {
		return err
	}
	d := xml.NewDecoder(s.reader)
	root, err := s.element(d)
	switch {
	case err != nil:
		return err
	case root.Name.Space != nsStream || root.Name.Local != "stream":
		return s.other()
	case attribute(root, "version") == "": // RFC 6120 §4.7.5: a server of before has no features
		return ErrNotOffered
	}
	s.pre.Greeting = printable(attribute(root, "from"))
	first, err := s.element(d)
	switch {
	case err != nil:
		return err
	case first.Name == xml.Name{Space: nsStream, Local: "error"}:
		why, err := s.element(d)
		if err != nil {
			return err
		}
		return declined("stream error " + why.Name.Local)
	case first.Name != xml.Name{Space: nsStream, Local: "features"}:
		return s.other()
	}
	var f features
	if err := d.DecodeElement(&f, &first); err != nil {
		return s.xmlError(err)
	}
	s.pre.Capabilities = f.list()
	if s.pre.Offered = f.TLS != nil; !s.pre.Offered {
		return ErrNotOffered
	}
	if err := s.send([]byte("<starttls xmlns='" + nsTLS + "'/>")); err != nil {
		return err
	}
	answer, err := s.element(d)
	switch {
	case err != nil:
		return err
	case answer.Name == xml.Name{Space: nsTLS, Local: "failure"}:
		return refused("failure")
	case answer.Name != xml.Name{Space: nsTLS, Local: "proceed"}:
		return s.other()
	}
	return s.xmlError(d.Skip()) // its end, if that is a tag of its own
}

// features is what RFC 6120 §4.3.2 lists.
type features struct {
	TLS *struct {
		Required *struct{} `xml:"urn:ietf:params:xml:ns:xmpp-tls required"`
	} `xml:"urn:ietf:params:xml:ns:xmpp-tls starttls"`
	Mechanisms []string `xml:"urn:ietf:params:xml:ns:xmpp-sasl mechanisms>mechanism"`
}

func (f features) list() []string {
	list := []string{}
	if f.TLS != nil {
		list = append(list, "starttls")
		if f.TLS.Required != nil {
			list = append(list, "required")
		}
	}
	if len(f.Mechanisms) > 0 {
		list = append(list, printable("mechanisms "+strings.Join(f.Mechanisms, " ")))
	}
	return list
}

// element reads up to the next start of an element.
func (s *session) element(d *xml.Decoder) (xml.StartElement, error) {
	for {
		t, err := d.Token()
		if err != nil {
			return xml.StartElement{}, s.xmlError(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			return t, nil
		case xml.CharData:
			if strings.TrimSpace(string(t)) != "" {
				return xml.StartElement{}, s.other()
			}
		case xml.EndElement:
			return xml.StartElement{}, declined("the stream ends")
		}
	}
}

// xmlError tells errors of the connection from XML that is none.
func (s *session) xmlError(err error) error {
	var wrong *xml.SyntaxError
	var timeout net.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong) && wrong.Msg == "unexpected EOF":
		return io.ErrUnexpectedEOF
	case errors.Is(err, io.EOF), errors.As(err, &timeout), errors.As(err, new(*net.OpError)):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return err
	}
	return s.other()
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
