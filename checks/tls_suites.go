package checks

import (
	"context"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/hello"
)

// Suites is the fact of tls.suites: what each version accepts, by the names of
// the IANA registry. A version that is refused has an empty list.
type Suites struct {
	SSL2        fact.Maybe[[]string] `json:"ssl2" vi:"bộ mật mã nhận ở SSL 2.0" en:"suites accepted under SSL 2.0"`
	SSL3        fact.Maybe[[]string] `json:"ssl3" vi:"bộ mật mã nhận ở SSL 3.0" en:"suites accepted under SSL 3.0"`
	TLS10       fact.Maybe[[]string] `json:"tls10" vi:"bộ mật mã nhận ở TLS 1.0" en:"suites accepted under TLS 1.0"`
	TLS11       fact.Maybe[[]string] `json:"tls11" vi:"bộ mật mã nhận ở TLS 1.1" en:"suites accepted under TLS 1.1"`
	TLS12       fact.Maybe[[]string] `json:"tls12" vi:"bộ mật mã nhận ở TLS 1.2" en:"suites accepted under TLS 1.2"`
	TLS13       fact.Maybe[[]string] `json:"tls13" vi:"bộ mật mã nhận ở TLS 1.3" en:"suites accepted under TLS 1.3"`
	ServerOrder fact.Maybe[bool]     `json:"server_order" vi:"máy chủ tự quyết định bộ mật mã, không theo thứ tự của máy khách" en:"the server decides on the suite, not the order of its client"`
	Accepted    fact.Maybe[[]Suite]  `json:"accepted" vi:"mọi bộ mật mã được nhận" en:"all suites accepted"`
}

// Suite is one suite that is accepted under one version.
type Suite struct {
	Protocol       string `json:"protocol" vi:"phiên bản" en:"version"`
	Name           string `json:"name" vi:"tên" en:"name"`
	KeyExchange    string `json:"key_exchange" vi:"cách trao đổi khóa" en:"key exchange"`
	Authentication string `json:"authentication" vi:"cách xác thực máy chủ" en:"authentication"`
	Encryption     string `json:"encryption" vi:"thuật toán mã hóa" en:"encryption"`
	Bits           int    `json:"bits" vi:"độ mạnh của mã hóa (bit)" en:"strength of the encryption in bits"`
	MAC            string `json:"mac" vi:"mã xác thực thông điệp" en:"message authentication"`
	AEAD           bool   `json:"aead" vi:"mã hóa kèm xác thực (AEAD)" en:"authenticated encryption"`
	ForwardSecrecy bool   `json:"forward_secrecy" vi:"lộ khóa sau này không lộ phiên cũ" en:"forward secrecy"`
	Unencrypted    bool   `json:"unencrypted" vi:"không mã hóa" en:"no encryption"`
	Anonymous      bool   `json:"anonymous" vi:"không xác thực máy chủ" en:"server not authenticated"`
	Export         bool   `json:"export" vi:"loại hạn chế xuất khẩu" en:"of export strength"`
}

// TLSSuites finds every suite of each accepted version by elimination: see
// hello.Suites. A list is whole or unknown: the last hello of each version was
// refused, by an alert or by cutting the connection as tls.versions counts it.
var TLSSuites = define(Check{
	ID:       "tls.suites",
	Refs:     []string{"RFC 5246 §A.5", "RFC 8446 §B.4", "RFC 9325 §4.2", "RFC 7465", "IANA TLS Cipher Suites"},
	Speaks:   inventory.OverTLS,
	Touch:    Polite,
	Known:    fact.Observed,
	Requires: []*Check{TLSVersions},
}, func(ctx context.Context, p *Probe) (Suites, error) {
	s := suiteSurvey{p: p, versions: acceptedVersions(Read[Versions](p, TLSVersions)), lists: map[hello.Version]suiteList{}}
	s.look(ctx)
	return s.fact()
})

// allVersions lists them newest first, as reports do.
var allVersions = []hello.Version{hello.TLS13, hello.TLS12, hello.TLS11, hello.TLS10, hello.SSL3, hello.SSL2}

func acceptedVersions(f Versions) map[hello.Version]fact.Maybe[bool] {
	return map[hello.Version]fact.Maybe[bool]{
		hello.SSL2: f.SSL2, hello.SSL3: f.SSL3, hello.TLS10: f.TLS10,
		hello.TLS11: f.TLS11, hello.TLS12: f.TLS12, hello.TLS13: f.TLS13,
	}
}
