package dnsask

import (
	"bytes"
	"encoding/binary"
	"net"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// spoken is a server that said all this, whatever it is asked. The number of
// each message is put right where it is a reply.
type spoken struct {
	bytes.Reader
	net.Conn
}

func (s *spoken) Read(b []byte) (int, error)  { return s.Reader.Read(b) }
func (s *spoken) Write(b []byte) (int, error) { return len(b), nil }
func (*spoken) SetDeadline(time.Time) error   { return nil }

func says(stream []byte) *spoken {
	s := &spoken{}
	s.Reset(stream)
	return s
}

func message(t testing.TB, rcode int, records ...string) []byte {
	t.Helper()
	m := &dns.Msg{MsgHdr: dns.MsgHdr{Id: 7, Response: true, Rcode: rcode}}
	for _, text := range records {
		rr, err := dns.NewRR(text)
		if err != nil {
			t.Fatal(err)
		}
		m.Answer = append(m.Answer, rr)
	}
	raw, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(raw))), raw...)
}

func fixed(t testing.TB) {
	before := dns.Id
	dns.Id = func() uint16 { return 7 }
	t.Cleanup(func() { dns.Id = before })
}

const soa = "xa.vn. 60 IN SOA ns. host. 1 2 3 4 5"

func TestTransfer(t *testing.T) {
	fixed(t)
	for _, c := range []struct {
		name   string
		stream []byte
		began  bool
		rcode  int
		fails  bool
	}{
		{"whole zone in a message", message(t, 0, soa, "a.xa.vn. 60 IN A 192.0.2.1", soa), true, 0, false},
		{"a record a message", append(message(t, 0, soa), message(t, 0, "a.xa.vn. 60 IN A 192.0.2.1")...), true, 0, false},
		{"refused", message(t, dns.RcodeRefused), false, dns.RcodeRefused, false},
		{"empty", message(t, 0), false, 0, false},
		{"SOA and then the end", message(t, 0, soa), false, 0, true},
		{"of another zone", message(t, 0, "xb.vn. 60 IN SOA ns. host. 1 2 3 4 5", soa), false, 0, true},
		{"no SOA", message(t, 0, "a.xa.vn. 60 IN A 192.0.2.1", soa), false, 0, true},
		{"nothing", nil, false, 0, true},
		{"half a message", message(t, 0, soa)[:9], false, 0, true},
		{"another number", bytes.Replace(message(t, 0, soa, soa), []byte{0, 7}, []byte{0, 8}, 1), false, 0, true},
	} {
		got, err := BeginTransfer(says(c.stream), "xa.vn")
		if got.Began != c.began || got.Rcode != c.rcode || (err != nil) != c.fails {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
}

// Whatever comes, reading it ends, and a transfer needs the SOA first.
func FuzzTransfer(f *testing.F) {
	f.Add(message(f, 0, soa, soa))
	f.Add(message(f, 5))
	f.Add([]byte{0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, stream []byte) {
		dns.Id = func() uint16 { return 7 }
		if got, err := BeginTransfer(says(stream), "xa.vn"); got.Began && (err != nil || got.Records < enough) {
			t.Errorf("%+v, %v", got, err)
		}
		ask, raw, err := Question{Name: "xa.vn", Type: dns.TypeSOA}.pack()
		if err != nil {
			t.Fatal(err)
		}
		if m, err := stream1(stream, ask, raw); err == nil && m.Id != 7 {
			t.Errorf("takes %v", m)
		}
	})
}

func stream1(said []byte, ask *dns.Msg, raw []byte) (*dns.Msg, error) {
	return stream(says(said), ask, raw)
}
