package lang

import "testing"

func TestChoose(t *testing.T) {
	for _, c := range []struct {
		name, flag string
		env        map[string]string
		want       Lang
		bad        bool
	}{
		{name: "nothing set is Vietnamese", want: Vi},
		{name: "flag wins", flag: "en", env: map[string]string{"LANG": "vi_VN.UTF-8"}, want: En},
		{name: "own variable before locale", env: map[string]string{"SANSANG_LANG": "vi", "LANG": "en_US.UTF-8"}, want: Vi},
		{name: "locale English", env: map[string]string{"LANG": "en_GB.UTF-8"}, want: En},
		{name: "LC_ALL before LANG", env: map[string]string{"LC_ALL": "vi_VN.UTF-8", "LANG": "en_GB.UTF-8"}, want: Vi},
		{name: "C says nothing", env: map[string]string{"LANG": "C.UTF-8"}, want: Vi},
		{name: "another language is refused", flag: "fr", bad: true},
	} {
		got, err := Choose(c.flag, func(k string) string { return c.env[k] })
		if (err != nil) != c.bad || got != c.want {
			t.Errorf("%s: Choose = %q, %v; want %q, error %v", c.name, got, err, c.want, c.bad)
		}
	}
}
