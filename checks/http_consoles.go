package checks

import (
	"context"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Consoles is the fact of http.consoles. A list with something in it holds what
// was found even where other paths were not seen; an empty list means that all
// of them were.
type Consoles struct {
	Found fact.Maybe[[]Console] `json:"found" vi:"giao diện quản trị thấy được" en:"administration interfaces seen"`
}

// Console is one administration interface.
type Console struct {
	Name   string `json:"name" vi:"sản phẩm" en:"product"`
	Kind   string `json:"kind" vi:"loại: console (thiết bị, máy chủ), cms (nội dung trang), vpn (cổng VPN cho người dùng)" en:"kind: console (device, server), cms (content of a site), vpn (VPN door for users)"`
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
	if len(found) == 0 && unseen != nil {
		return Consoles{fact.Not[[]Console](unseen)}, nil
	}
	out := []Console{}
	for _, a := range found {
		out = append(out, Console{Name: nameOf(a.What), Kind: consoleKinds[a.What], Path: a.Path, Status: a.Status, Proof: a.Proof})
	}
	return Consoles{fact.Known(out)}, nil
})
