package inventory

import (
	"slices"

	"github.com/sansang/sansang/internal/lang"
)

// Zones lists the zones, from the outside in.
var Zones = []Zone{Internet, WAN, Internal, Admin}

// Within tells whether what is meant for the zone of is meant to be reached
// from this one, which is the same or further in.
func (z Zone) Within(of Zone) bool { return slices.Index(Zones, z) >= slices.Index(Zones, of) }

// Text says the zone to a person.
func (z Zone) Text() lang.Text { return zoneTexts[z] }

var zoneTexts = map[Zone]lang.Text{
	Internet: lang.T("Internet", "the Internet"),
	WAN:      lang.T("mạng truyền số liệu chuyên dùng", "the specialised data network (TSLCD)"),
	Internal: lang.T("mạng nội bộ", "the internal network"),
	Admin:    lang.T("vùng quản trị", "the administration zone"),
	"":       lang.T("không khai báo vùng mạng", "zone not said"),
}
