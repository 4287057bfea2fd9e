package checks

import (
	"context"
	"slices"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Consoles is the fact of http.consoles. A list with an administration interface
// in it holds what was found even where other paths were not seen; one without
// means that all of them were.
type Consoles struct {
	Found fact.Maybe[[]Console] `json:"found" vi:"giao diện quản trị thấy được" en:"administration interfaces seen"`
}

// Console is one administration interface.
type Console struct {
	Name   string `json:"name" vi:"sản phẩm" en:"product"`
	Kind   string `json:"kind" vi:"loại: console (thiết bị, máy chủ), cms (nội dung trang), vpn (trang đăng nhập VPN cho người dùng)" en:"kind: console (device, server), cms (content of a site), vpn (VPN door for users)"`
	Path   string `json:"path" vi:"đường dẫn" en:"path"`
	Status int    `json:"status" vi:"mã trạng thái HTTP" en:"HTTP status"`
	Proof  string `json:"proof" vi:"dấu hiệu nhận ra" en:"what proved it"`
}

// HTTPConsoles reads off http.paths which administration interfaces showed
// themselves.
var HTTPConsoles = define(Check{
	ID:       "http.consoles",
	Refs:     []string{"CWE-749", "OWASP WSTG-CONF-05", "BOD 23-02"},
	Speaks:   inventory.OverHTTP,
	Touch:    Passive,
	Known:    fact.Observed,
	Requires: []*Check{HTTPPaths},
}, func(_ context.Context, p *Probe) (Consoles, error) {
	found, unseen := Read[Paths](p, HTTPPaths).in(groupConsoles)
	return Consoles{consolesOf(found, unseen)}, nil
})

// consolesOf names what was found. The door of a VPN alone says nothing of the
// paths that were not seen.
func consolesOf(found []PathAnswer, unseen *fact.Unknown) fact.Maybe[[]Console] {
	out := []Console{}
	for _, a := range found {
		out = append(out, Console{Name: nameOf(a.What), Kind: consoleKinds[a.What], Path: a.Path, Status: a.Status, Proof: a.Proof})
	}
	administers := slices.ContainsFunc(out, func(c Console) bool { return c.Kind != "vpn" })
	return half(out, administers, unseen)
}
