package nuclei

import (
	"fmt"
	"net/http"
	"testing"
)

// What is kept for many targets at once is bounded; what has no room is asked
// for each time.
func TestAllAnswersAreBounded(t *testing.T) {
	before := remembered.Load()
	body := make([]byte, mostKept)
	asked := 0
	send := func() (*http.Response, error) {
		asked++
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: hold(body)}, nil
	}
	var all []*memo
	for range 2 * mostMemos / mostMemo {
		m := &memo{by: map[string]*flight{}}
		all = append(all, m)
		for i := range mostMemo / mostKept {
			for range 2 {
				resp, err := m.once(t.Context(), fmt.Sprint(i), send)
				if err != nil || len(resp.Body.(*held).all) != len(body) {
					t.Fatal(resp, err)
				}
			}
		}
	}
	if most := remembered.Load(); most > mostMemos || most < mostMemos-mostMemo {
		t.Errorf("%d bytes are kept", most)
	}
	if n := 2 * mostMemos / mostKept; asked < n*5/4 || asked > n*7/4 {
		t.Errorf("asked %d times for %d pages, of which half have room", asked, n)
	}
	for _, m := range all {
		m.forget()
	}
	if left := remembered.Load(); left != before {
		t.Errorf("%d bytes are kept of nothing", left-before)
	}
}
