package checks

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/mailauth"
)

// MTASTS is the fact of mail.mta_sts.
type MTASTS struct {
	Records  int                  `json:"records" vi:"số bản ghi MTA-STS (phải là 1)" en:"MTA-STS records (must be 1)"`
	ID       string               `json:"id" vi:"mã chính sách" en:"policy id"`
	Problems []string             `json:"problems" vi:"lỗi của bản ghi" en:"problems of the record"`
	Mode     fact.Maybe[string]   `json:"mode" vi:"chế độ của chính sách (enforce, testing, none)" en:"mode of the policy (enforce, testing, none)"`
	MX       fact.Maybe[[]string] `json:"mx" vi:"máy chủ thư mà chính sách cho phép" en:"mail servers that the policy allows"`
	MaxAge   fact.Maybe[int]      `json:"max_age" vi:"thời hạn lưu chính sách (giây)" en:"how long the policy is kept (seconds)"`
	Left     fact.Maybe[[]string] `json:"mx_left_out" vi:"MX của tên miền mà chính sách không cho phép" en:"MX of the domain that the policy does not allow"`
	Wrong    fact.Maybe[[]string] `json:"policy_problems" vi:"lỗi của chính sách" en:"problems of the policy"`
}

// MailMTASTS reads the record, and the policy where its web server is in scope.
var MailMTASTS = define(Check{
	ID:     "mail.mta_sts",
	Refs:   []string{"RFC 8461 §3.1", "RFC 8461 §3.2", "RFC 8461 §3.3"},
	Speaks: inventory.OverDNS,
	Touch:  Polite,
	Known:  fact.Observed,

	MayRead: []*Check{MailMX},
}, func(ctx context.Context, p *Probe) (MTASTS, error) {
	if _, err := p.zone(ctx); err != nil {
		return MTASTS{}, err
	}
	s, err := mailauth.ReadSTS(ctx, mailNames{p}, p.domain())
	if err != nil {
		return MTASTS{}, err
	}
	f := MTASTS{Records: s.Records, ID: oneLine(s.ID, 200), Problems: s.Problems}
	policy, err := mailauth.STSPolicy{}, error(fact.Because(fact.Prerequisite, "there is no MTA-STS record, so nobody asks for a policy"))
	if s.Records == 1 {
		policy, err = p.stsPolicy(ctx)
	}
	if err != nil {
		u := fact.FromError(err)
		f.Mode, f.MX, f.MaxAge, f.Left, f.Wrong = fact.Not[string](u), fact.Not[[]string](u), fact.Not[int](u), fact.Not[[]string](u), fact.Not[[]string](u)
		return f, ctx.Err()
	}
	f.Mode, f.MX, f.MaxAge = fact.Known(oneLine(policy.Mode, 200)), fact.Known(listed(policy.MX)), fact.Known(policy.MaxAge)
	f.Wrong, f.Left = fact.Known(policy.Problems), p.leftOut(policy)
	return f, nil
})

// leftOut gives the MX that the policy does not name, to which a sender that
// keeps to it delivers nothing.
func (p *Probe) leftOut(policy mailauth.STSPolicy) fact.Maybe[[]string] {
	mx, unseen := Glance[MX](p, MailMX)
	if unseen != nil {
		return fact.Not[[]string](unseen)
	}
	out := []string{}
	for _, x := range mx.Servers {
		if !policy.Covers(x.Name) {
			out = append(out, x.Name)
		}
	}
	return fact.Known(listed(out))
}

// stsPolicy fetches the policy as RFC 8461 §3.3 wants it: over HTTPS with a
// certificate of that name, and without redirects.
func (p *Probe) stsPolicy(ctx context.Context) (mailauth.STSPolicy, error) {
	name := "mta-sts." + p.domain()
	all, _, err := p.addresses(ctx, name)
	if err != nil {
		return mailauth.STSPolicy{}, err
	}
	err = fact.Because(fact.Unreachable, name+" has no address")
	var text string
	for _, a := range all {
		err = p.converse(ctx, net.JoinHostPort(a.String(), "443"), func(ctx context.Context, conn net.Conn) error {
			t, err := secure(ctx, conn, p.trusting(name))
			if err != nil {
				return err
			}
			if text, err = fetchPolicy(ctx, t, name); err == nil {
				p.Note("policy of MTA-STS", []byte(text))
			}
			return err
		})
		if err == nil {
			return mailauth.ParseSTSPolicy(text), nil
		}
	}
	return mailauth.STSPolicy{}, err
}

// trusting is a client for one name that takes a certificate which the system
// trusts, or a CA that the unit declares.
func (p *Probe) trusting(name string) *tls.Config {
	return &tls.Config{ServerName: name, InsecureSkipVerify: true, MinVersion: tls.VersionTLS12, VerifyConnection: func(s tls.ConnectionState) error {
		o := x509.VerifyOptions{DNSName: name, Intermediates: x509.NewCertPool(), CurrentTime: p.Now()}
		for _, c := range s.PeerCertificates[1:] {
			o.Intermediates.AddCert(c)
		}
		_, err := s.PeerCertificates[0].Verify(o)
		if err != nil && p.Roots != nil {
			o.Roots = p.Roots
			_, err = s.PeerCertificates[0].Verify(o)
		}
		return err
	}}
}

func fetchPolicy(ctx context.Context, conn net.Conn, name string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+name+"/.well-known/mta-sts.txt", http.NoBody)
	if err != nil {
		return "", err
	}
	one := &http.Transport{DialTLSContext: func(context.Context, string, string) (net.Conn, error) { return conn, nil },
		DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: mailauth.MostSTSPolicy}
	answer, err := one.RoundTrip(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return "", unanswered("the policy is not there: " + answer.Status)
	}
	if kind := answer.Header.Get("Content-Type"); !strings.HasPrefix(strings.ToLower(kind), "text/plain") {
		return "", unanswered("the policy is no plain text: " + kind)
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, mailauth.MostSTSPolicy))
	return string(text), err
}
