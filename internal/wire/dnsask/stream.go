package dnsask

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"

	"github.com/miekg/dns"
)

// stream is a question and its answer over TCP: RFC 1035 §4.2.2.
func stream(conn net.Conn, ask *dns.Msg, raw []byte) (*dns.Msg, error) {
	if err := send(conn, raw); err != nil {
		return nil, err
	}
	m, err := receive(conn)
	if err == nil {
		err = answers(ask, m)
	}
	return m, err
}

func send(conn net.Conn, raw []byte) error {
	_, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(raw))), raw...)) //nolint:gosec // a question is short
	return err
}

// receive reads one message. Its length is what the server claims, so nothing
// is set aside before it came.
func receive(r io.Reader) (*dns.Msg, error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	var raw bytes.Buffer
	if _, err := io.CopyN(&raw, r, int64(binary.BigEndian.Uint16(head[:]))); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	m := new(dns.Msg)
	if m.Unpack(raw.Bytes()) != nil {
		return nil, &StrangeError{"it cannot be read"}
	}
	return m, nil
}

// Transfer is the beginning of a zone transfer.
type Transfer struct {
	Rcode   int // of the first message
	Began   bool
	Records int // that were counted before the connection was cut
}

// enough records tell that a zone is handed out; no more are read.
const (
	enough       = 2
	mostMessages = 4
)

// BeginTransfer asks for a whole zone over TCP (AXFR, RFC 5936) and stops as
// soon as it is sure that it comes: the SOA of the zone first, and something
// after it. The records themselves are forgotten.
func BeginTransfer(conn net.Conn, zone string) (t Transfer, err error) {
	ask, raw, err := Question{Name: zone, Type: dns.TypeAXFR, Plain: true}.pack()
	if err != nil {
		return t, err
	}
	if err := send(conn, raw); err != nil {
		return t, err
	}
	for n := range mostMessages {
		m, err := receive(conn)
		switch {
		case err != nil:
			return t, err
		case m.Id != ask.Id || !m.Response:
			return t, &StrangeError{"it has another number"}
		case n == 0:
			t.Rcode = m.Rcode
		}
		if m.Rcode != dns.RcodeSuccess || len(m.Answer) == 0 {
			return t, nil // RFC 5936 §2.2: an error, or nothing to hand out
		}
		if first := m.Answer[0]; t.Records == 0 && (first.Header().Rrtype != dns.TypeSOA || dns.CanonicalName(first.Header().Name) != dns.CanonicalName(zone)) {
			return t, &StrangeError{"a transfer that does not begin with the SOA"}
		}
		if t.Records += len(m.Answer); t.Records >= enough {
			t.Began = true
			return t, nil
		}
	}
	return t, nil
}
