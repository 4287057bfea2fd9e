package checks

import (
	"strings"
	"testing"
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
