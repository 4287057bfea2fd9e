package hello

import (
	"bytes"
	"crypto/tls"
	"encoding/hex"
	"io"
	"net"
	"testing"
)

// tee keeps what was read.
type tee struct {
	net.Conn
	got bytes.Buffer
}

func (c *tee) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.got.Write(b[:n])
	return n, err
}

// TestReadSession resumes, by our own hello, the session of a handshake of the
// standard library.
func TestReadSession(t *testing.T) {
	cfg := &tls.Config{Certificates: []tls.Certificate{certificate(t)}}
	conn := &tee{Conn: serveOnce(t, cfg)}
	client := &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12, ClientSessionCache: tls.NewLRUClientSessionCache(1)}
	if err := tls.Client(conn, client).Handshake(); err != nil {
		t.Fatal(err)
	}
	s := ReadSession(&conn.got)
	if len(s.Ticket) == 0 {
		t.Fatalf("%+v", s)
	}
	o := Offer{Version: TLS12, Suites: []uint16{0xc02b}, Session: random(32), Extra: []Extension{{ID: SessionTicket.ID, Data: s.Ticket}}}
	for _, resumes := range []bool{true, false} {
		f, _, err := AskFlight(serveOnce(t, cfg), o)
		if err != nil || bytes.Equal(f.Hello.Session, o.Session) != resumes || (f.CertificateBytes == 0) != resumes {
			t.Errorf("%+v, %v; want it resumed: %v", f, err, resumes)
		}
		o.Extra[0].Data = random(64)
	}
}

// TestTicketsCryptoTLS finishes a handshake with the standard library.
func TestTicketsCryptoTLS(t *testing.T) {
	for _, auth := range []tls.ClientAuthType{tls.NoClientCert, tls.RequestClientCert, tls.RequireAnyClientCert} {
		for _, disabled := range []bool{false, true} {
			cfg := &tls.Config{Certificates: []tls.Certificate{certificate(t)}, ClientAuth: auth, SessionTicketsDisabled: disabled}
			c, f, broken, err := Secure(serveOnce(t, cfg), Offer{Version: TLS13, Suites: []uint16{aes256GCM, aes128GCM}, Extra: []Extension{}})
			if c == nil || !f.Done {
				t.Fatal(broken, err)
			}
			tickets, err := c.Tickets()
			switch {
			case auth == tls.RequireAnyClientCert:
				if err == nil || err.Error() != "alert certificate_required(116)" {
					t.Errorf("without a certificate: %+v, %v", tickets, err)
				}
			case err != nil || len(tickets) != map[bool]int{false: 1, true: 0}[disabled]:
				t.Errorf("disabled %v: %+v, %v", disabled, tickets, err)
			case len(tickets) == 1 && (tickets[0].Lifetime != 7*24*3600 || tickets[0].EarlyData != 0):
				t.Errorf("%+v", tickets)
			}
		}
	}
}

const ticketOf2Hours = "00001c20" + "01020304" + "0100" + "0003aabbcc" + "0008" + "002a0004" + "00004000"

func TestParseTicket(t *testing.T) {
	body, err := hex.DecodeString(ticketOf2Hours)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := parseTicket(body); err != nil || got != (Ticket{7200, 16384}) {
		t.Errorf("%+v, %v", got, err)
	}
	for n := range body {
		if _, err := parseTicket(body[:n]); err == nil {
			t.Errorf("takes %d bytes of it", n)
		}
	}
}

func FuzzSession(f *testing.F) {
	body, _ := hex.DecodeString(ticketOf2Hours)
	f.Add(body)
	whole, _ := hex.DecodeString(handshakeRecord(flightHello("002f"), handshakeMessage(msgNewSessionTicket, "0000012c0003aabbcc")))
	f.Add(whole)
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = parseTicket(b)
		r := &counter{Reader: bytes.NewReader(b)}
		if s := ReadSession(r); len(s.ID) > 32 {
			t.Errorf("%+v", s)
		}
		if r.n > maxFlightRecords*(maxRecord+5) {
			t.Errorf("read %d bytes", r.n)
		}
		_, _ = io.Copy(io.Discard, r)
	})
}
