package starttls

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// What Debian's Postfix, Exim, Exchange, Gmail and others answer to RCPT.
func TestReadingOfRCPT(t *testing.T) {
	for said, want := range map[string]RelayAnswer{
		"250 2.1.5 Ok": Accepted,
		"454 4.7.1 <sansang@example.invalid>: Relay access denied":                         Denied,
		"554 5.7.1 <sansang@example.invalid>: Relay access denied":                         Denied,
		"550 relay not permitted":                                                          Denied,
		"550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain":                Denied,
		"550 5.7.1 Unable to relay":                                                        Denied,
		"530 5.7.1 Authentication required":                                                Denied,
		"553 sorry, that domain isn't in my list of allowed rcpthosts; relaying denied":    Denied,
		"450 4.2.0 <x>: Recipient address rejected: Greylisted":                            Deferred,
		"451 4.3.0 try later":                                                              Deferred,
		"550 5.1.2 <x>: Recipient address rejected: Domain not found":                      Unclear,
		"550 5.1.8 <x>: Sender address rejected: Domain not found":                         Unclear,
		"554 5.7.1 Service unavailable; client blocked using zen.spamhaus.org":             Unclear,
		"550 5.1.1 <x>: Recipient address rejected: User unknown in local recipient table": Unclear,
		"554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied":              Unclear,
		"550 5.7.26 Unauthenticated email from example.invalid is not accepted":            Unclear,
		"550 5.7.1 Connection denied, your IP has a poor reputation":                       Unclear,
		"530 5.7.1 Client was not authenticated":                                           Denied,
		"554 5.7.1 <sansang@example.invalid>: Recipient address rejected: Access denied":   Denied,
		"550 no": Unclear,
	} {
		s := &session{reader: newReader(strings.NewReader(said + "\r\n")), protocol: SMTP}
		r, err := s.reply()
		if got := reading(r); err != nil || got != want {
			t.Errorf("%q: %s, %v; want %s", said, got, err, want)
		}
	}
}

// A server that wants TLS has said nothing of relaying yet.
func TestRelayWantsTLS(t *testing.T) {
	for said, want := range map[string]bool{"530 5.7.0 TLS required": true, "451 5.7.3 STARTTLS is required to send mail": true, "530 5.7.1 Authentication required": false} {
		talk := "220 x\r\n250-x\r\n250 STARTTLS\r\n" + said + "\r\n221 bye\r\n"
		if r, err := AskRelay(context.Background(), canned{r: strings.NewReader(talk)}, false); err != nil || r.TLS != want || (len(r.Tries) > 0) == want {
			t.Errorf("%q: %+v, %v", said, r, err)
		}
	}
}

// Whatever a server says, the talk is short and ends.
func FuzzRelay(f *testing.F) {
	f.Add([]byte("220 x ESMTP\r\n250-mail.example\r\n250 VRFY\r\n250 ok\r\n250 ok\r\n550 5.7.1 relay\r\n550 x\r\n250 ok\r\n250 ok\r\n221 bye\r\n"))
	f.Add([]byte("220 x\r\n250-\x00\r\n250 STARTTLS\r\n530 5.7.0 Must issue a STARTTLS command first\r\n"))
	f.Add([]byte("220 x\r\n331 pass\r\n221 bye\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := AskRelay(context.Background(), canned{r: bytes.NewReader(b)}, false); err == nil && len(r.Tries) > 4 {
			t.Errorf("%d tries", len(r.Tries))
		}
		if offered, told, _, err := FTPUser(context.Background(), canned{r: bytes.NewReader(b)}); offered && (!told || err != nil) {
			t.Errorf("offered %v, told %v, %v", offered, told, err)
		}
	})
}
