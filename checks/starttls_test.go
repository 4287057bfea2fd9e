package checks

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lab"
)

// TestOtherProtocolsYieldNoFacts declares servers as what they are not, every
// kind that turns to TLS against every good and every hostile server.
func TestOtherProtocolsYieldNoFacts(t *testing.T) {
	for _, r := range lab.Recipes() {
		if r.Nature == lab.Bad {
			continue
		}
		t.Run(r.Name, func(t *testing.T) {
			target := start(t, r.Name).AddrPort.String()
			var all sync.WaitGroup
			for _, kind := range inventory.StartTLSKinds {
				for _, c := range []*Check{TLSStartTLS, TLSCertificate} {
					if string(kind) == r.Kind {
						continue
					}
					all.Go(func() {
						obs := observe(t, c, inventory.Endpoint{ID: "x", Target: target, Kind: kind}, time.Second/2)
						switch {
						case obs.Unknown == nil:
							t.Errorf("%s as %s gives the fact %s", c.ID, kind, obs.Value)
						case obs.Unknown.Cause == fact.Broken || len(obs.Unknown.Detail) > 500 || strings.Contains(obs.Unknown.Detail, "no protocol that turns"):
							t.Errorf("%s as %s: %v", c.ID, kind, obs.Unknown)
						}
					})
				}
			}
			all.Wait()
		})
	}
}

// TestWhatWasSeenInstead holds the words about a wrong kind.
func TestWhatWasSeenInstead(t *testing.T) {
	for _, c := range []struct {
		kind   inventory.Kind
		recipe string
		want   string
	}{
		{inventory.SMTP, "ssh-good", `no smtp: saw SSH ("SSH-2.0-OpenSSH_9.9")`},
		{inventory.IMAP, "smtp-good", `no imap: saw SMTP ("220 mail.xa.gov.vn ESMTP")`},
		{inventory.FTP, "smtp-good", `no ftp: saw SMTP ("220 mail.xa.gov.vn ESMTP")`},
		{inventory.POP3, "imap-good", `no pop3: saw IMAP ("* OK mail.xa.gov.vn IMAP4rev1 ready")`},
		{inventory.Postgres, "ssh-good", `no postgres: saw SSH ("SSH-2.0-OpenSSH_9.9")`},
		{inventory.RDP, "ssh-good", `no rdp: saw SSH ("SSH-2.0-OpenSSH_9.9")`},
	} {
		e := inventory.Endpoint{ID: "x", Target: start(t, c.recipe).AddrPort.String(), Kind: c.kind}
		for check, want := range map[*Check]string{TLSStartTLS: c.want, TLSVersions: "TLS was not reached: " + c.want} {
			obs := observe(t, check, e, 10*time.Second)
			if obs.Unknown == nil || *obs.Unknown != *fact.Because(fact.Prerequisite, want) {
				t.Errorf("%s: %v, want %s", check.ID, obs.Unknown, want)
			}
		}
	}
}

// smtpThen greets as a mail server, unless first wants the connection, agrees
// to TLS and hands over.
func smtpThen(t *testing.T, first func(c net.Conn, nth int) (done bool), then func(net.Conn)) inventory.Endpoint {
	var n atomic.Int64
	return serve(t, inventory.SMTP, func(c net.Conn) {
		if first != nil && first(c, int(n.Add(1))) {
			return
		}
		r := bufio.NewReaderSize(c, 20<<10)
		for _, say := range []string{"220 mail ESMTP\r\n", "250-mail\r\n250 STARTTLS\r\n", "220 go\r\n"} {
			if _, err := io.WriteString(c, say); err != nil || say == "220 go\r\n" {
				break
			}
			if _, err := r.ReadString('\n'); err != nil {
				return
			}
		}
		then(peeked{c, r})
	})
}

// TestCutBeforeTLSIsNoRefusal holds that a connection which ends in the
// preamble is not taken for a server that refuses the version whose hello
// would have come next.
func TestCutBeforeTLSIsNoRefusal(t *testing.T) {
	dir := t.TempDir()
	writeCertificate(t, dir)
	cert, err := tls.LoadX509KeyPair(dir+"/cert.pem", dir+"/key.pem")
	if err != nil {
		t.Fatal(err)
	}
	// TLS 1.2 and 1.3 are asked for first and answered; then every other
	// connection is cut: that of the long hello, of TLS 1.0 and of SSL 2.0.
	e := smtpThen(t, func(_ net.Conn, nth int) bool { return nth > 2 && nth%2 == 1 }, func(c net.Conn) {
		_ = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}}).Handshake()
	})
	var f Versions
	decodeFact(t, e, TLSVersions, &f)
	if !fact.Is(f.TLS12, true) {
		t.Errorf("TLS 1.2: %+v", f.TLS12)
	}
	for name, v := range map[string]fact.Maybe[bool]{"TLS 1.0": f.TLS10, "SSL 2.0": f.SSL2} {
		if _, u := v.Get(); u == nil || u.Cause != fact.Prerequisite {
			t.Errorf("%s: %+v, want unknown", name, v)
		}
	}
}

// TestAgreementIsNotTLS holds that a server which says yes and then does not
// speak TLS gives no fact.
func TestAgreementIsNotTLS(t *testing.T) {
	for cause, then := range map[fact.Cause]func(net.Conn){
		fact.Unanswered: func(c net.Conn) { _, _ = io.WriteString(c, "250 and now?\r\n"); _, _ = io.Copy(io.Discard, c) },
		fact.Timeout:    func(c net.Conn) { _, _ = io.Copy(io.Discard, c) },
		fact.Reset: func(c net.Conn) {
			_, _ = c.Read(make([]byte, 4096))
		},
	} {
		obs := observe(t, TLSStartTLS, smtpThen(t, nil, then), time.Second)
		if obs.Unknown == nil || obs.Unknown.Cause != cause {
			t.Errorf("%s: %v, %s", cause, obs.Unknown, obs.Value)
		}
	}
}

// TestTurnedAway holds that a server which serves nobody says nothing of TLS.
func TestTurnedAway(t *testing.T) {
	e := smtpThen(t, func(c net.Conn, _ int) bool { _, _ = io.WriteString(c, "554 5.7.1 blocked\r\n"); return true }, nil)
	for c, cause := range map[*Check]fact.Cause{TLSStartTLS: fact.Unanswered, TLSVersions: fact.Prerequisite, TLSCertificate: fact.Prerequisite} {
		obs := observe(t, c, e, 5*time.Second)
		if obs.Unknown == nil || obs.Unknown.Cause != cause || !strings.Contains(obs.Unknown.Detail, "will not serve us: 554 5.7.1 blocked") {
			t.Errorf("%s: %v", c.ID, obs.Unknown)
		}
	}
}
