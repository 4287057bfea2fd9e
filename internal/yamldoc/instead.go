package yamldoc

import (
	"strings"

	"github.com/sansang/sansang/internal/lang"
)

// instead names the nearest of the words that exist, or all of them when none
// is near.
func instead(wrote string, exist []string) lang.Text {
	if near := lang.Nearest(wrote, exist); near != "" {
		return lang.Tf("có phải là %q?", "did you mean %q?", near)
	}
	if len(exist) == 0 {
		return lang.T("bỏ dòng này", "remove this line")
	}
	all := strings.Join(exist, ", ")
	return lang.Tf("viết một trong: %s", "write one of: %s", all)
}
