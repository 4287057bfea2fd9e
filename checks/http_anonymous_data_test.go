package checks

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestIdentityNumbers(t *testing.T) {
	for body, want := range map[string][2]int{
		`{"soCCCD":"001099012345"}`:                          {1, 1},
		`<td>Số căn cước công dân</td><td>079199054321</td>`: {1, 1},
		`{"so_dinh_danh": 096300000001, "x": 096300000001}`:  {1, 1},
		`{"ma": "001099012345"}`:                             {1, 0},
		"001099012345 và 001099012346":                       {2, 0},
		`{"soCCCD":"001*****2345"}`:                          {0, 0},
		`{"soCCCD":"003099012345"}`:                          {0, 0}, // no such province
		`{"soCCCD":"001999012345"}`:                          {0, 0}, // no such century
		`{"cccd":"0010990123456"}`:                           {0, 0}, // 13 digits
		`{"cccd":null,"ma_giao_dich":"001099012345"}`:        {1, 0}, // another field
		`{"cccd":{"so":"001099012345"}}`:                     {1, 1},
		`<cccd></cccd>; ma: 001099012345`:                    {1, 0},
		"0.001099012345":                                     {0, 0},
		"1764144000000 202611240001":                         {0, 0},
		"cccd" + strings.Repeat(" ", 60) + "001099012345":    {1, 0},
		"": {0, 0},
	} {
		if numbers, named := identityNumbers([]byte(body)); numbers != want[0] || named != want[1] {
			t.Errorf("%q: %d, %d, want %v", body, numbers, named, want)
		}
	}
}

// TestAnonymousDataCut holds that nothing is said to be absent from a body that
// was not read to its end, whatever its status.
func TestAnonymousDataCut(t *testing.T) {
	for _, status := range []string{"200 OK", "302 Found", "401 Unauthorized", "403 Forbidden"} {
		for _, size := range []int{10, maxBody + 1} {
			var made atomic.Int64
			e := keeps(t, &made, func(_, _ int, _ *http.Request) string {
				return fmt.Sprintf("HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s", status, size, strings.Repeat("x", size))
			})
			obs := observe(t, HTTPAnonymousData, e, 10*time.Second)
			if obs.Unknown != nil {
				t.Fatalf("%s: %v", status, obs.Unknown)
			}
			if got := strings.Contains(string(obs.Value), `"unknown"`); got != (size > maxBody) {
				t.Errorf("%s, %d bytes: %s", status, size, obs.Value)
			}
		}
	}
}

// TestEvidenceOfAnAPI holds that no record keeps what an API says, however it
// ends its lines.
func TestEvidenceOfAnAPI(t *testing.T) {
	for _, end := range []string{"\r\n", "\n"} {
		e := says(t, nil, strings.Join([]string{"HTTP/1.1 200 OK", "Content-Type: text/html", "Connection: close", "", "CCCD 001099012345"}, end))
		e.Labels = map[string]string{"api": "data"}
		for _, c := range []*Check{HTTPAnswer, HTTPCORS, HTTPPage, HTTPAnonymousData} {
			obs := observe(t, c, e, 10*time.Second)
			for _, ev := range obs.Evidence {
				if strings.Contains(string(ev.Received), "001099012345") {
					t.Errorf("%s, lines end with %q: %s keeps %q", c.ID, end, ev.Label, ev.Received)
				}
			}
			if obs.Unknown != nil {
				t.Errorf("%s: %v", c.ID, obs.Unknown)
			}
		}
	}
}
