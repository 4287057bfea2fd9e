package checks

import (
	"context"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Exposed is the fact of http.exposed. A list with something in it holds what
// was found even where other paths of its kind were not seen; an empty list
// means that all of them were.
type Exposed struct {
	Files    fact.Maybe[[]Exposure] `json:"files" vi:"tệp nhạy cảm bị lộ" en:"sensitive files served"`
	Debug    fact.Maybe[[]Exposure] `json:"debug" vi:"trang gỡ lỗi, trạng thái bị lộ" en:"debug and status pages served"`
	Listings fact.Maybe[[]Exposure] `json:"listings" vi:"thư mục bị liệt kê" en:"folders listed"`
	Defaults fact.Maybe[[]Exposure] `json:"defaults" vi:"trang mặc định của phần mềm" en:"default pages of software"`
	APIDocs  fact.Maybe[[]Exposure] `json:"api_docs" vi:"mô tả API công khai (OpenAPI)" en:"API descriptions served (OpenAPI)"`
}

// Exposure is one thing that is served and should not be.
type Exposure struct {
	Path   string `json:"path" vi:"đường dẫn" en:"path"`
	What   string `json:"what" vi:"là gì" en:"what it is"`
	Status int    `json:"status" vi:"mã trạng thái HTTP" en:"HTTP status"`
	Proof  string `json:"proof" vi:"dấu hiệu nhận ra (đã che giá trị)" en:"what proved it (values masked)"`
}

// HTTPExposed reads off http.paths what the list of paths showed.
var HTTPExposed = define(Check{
	ID:       "http.exposed",
	Refs:     []string{"CWE-538", "CWE-548", "CWE-489", "OWASP WSTG-CONF-04"},
	Speaks:   inventory.OverHTTP,
	Touch:    Passive,
	Known:    fact.Observed,
	Requires: []*Check{HTTPPaths},
}, func(_ context.Context, p *Probe) (Exposed, error) {
	paths := Read[Paths](p, HTTPPaths)
	return Exposed{
		Files: paths.exposures(groupFiles), Debug: paths.exposures(groupDebug), Listings: paths.exposures(groupListing),
		Defaults: paths.exposures(groupDefault), APIDocs: paths.exposures(groupAPI),
	}, nil
})

func (f Paths) exposures(group string) fact.Maybe[[]Exposure] {
	found, unseen := f.in(group)
	if len(found) == 0 && unseen != nil {
		return fact.Not[[]Exposure](unseen)
	}
	out := []Exposure{}
	for _, a := range found {
		out = append(out, Exposure{Path: a.Path, What: nameOf(a.What), Status: a.Status, Proof: a.Proof})
	}
	return fact.Known(out)
}
