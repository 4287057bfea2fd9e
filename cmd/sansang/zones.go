package main

import (
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/store"
)

// zones reads the zones that a run is to be looked from, in one order; none: the
// one that this machine stands in. That one must be among them.
func zones(named []string, own string) ([]inventory.Zone, error) {
	z, err := zone(own)
	if err != nil {
		return nil, err
	}
	if len(named) == 0 {
		return []inventory.Zone{z}, nil
	}
	var out []inventory.Zone
	for _, s := range named {
		one, err := zone(s)
		if err != nil || one == "" {
			return nil, faultf("--vantages %q không có; viết internet, wan (TSLCD), internal, admin, cách nhau bằng dấu phẩy", "there is no zone %q for --vantages; write internet, wan (TSLCD), internal, admin with commas between", s)
		}
		if !slices.Contains(out, one) {
			out = append(out, one)
		}
	}
	slices.SortFunc(out, func(a, b inventory.Zone) int {
		return slices.Index(inventory.Zones, a) - slices.Index(inventory.Zones, b)
	})
	if !slices.Contains(out, z) {
		return nil, faultf("máy này phải đặt ở một trong các vùng của --vantages; thêm --vantage %s nếu đúng là ở đó", "this machine must stand in one of the zones of --vantages; add --vantage %s if that is where it is", out[0])
	}
	return out, nil
}

// standsIn tells why this machine, which stands in the zone that was named, does
// not take up a run; nil: it may. Where it stands is never guessed from the run:
// what is seen would be kept as seen from there.
func standsIn(run store.Run, named string) error {
	own, err := zone(named)
	if err != nil || slices.Contains(run.Vantages, own) {
		return err
	}
	if len(run.Vantages) == 0 { // which no program of ours writes
		return faultf("đợt %d không nêu nhìn từ đâu", "run %d does not say where it looks from", run.ID)
	}
	from := zonesText(run.Vantages)
	if run.Vantages[0] == "" {
		return faultf("đợt %[1]d nhìn từ %[2]s; bỏ --vantage", "run %[1]d looks from %[3]s; leave out --vantage", run.ID, from.Vi, from.En)
	}
	return faultf("đợt %[1]d nhìn từ %[2]s; thêm --vantage %[4]s nếu máy này đúng là đặt ở đó", "run %[1]d looks from %[3]s; add --vantage %[4]s if that is where this machine stands",
		run.ID, from.Vi, from.En, run.Vantages[0])
}

// zoneNames lists zones for people.
func zoneNames(of []inventory.Zone, l lang.Lang) string {
	var out []string
	for _, z := range of {
		if z == "" {
			out = append(out, lang.T("nơi không nêu vùng", "a place without a zone").In(l))
		} else {
			out = append(out, string(z))
		}
	}
	return strings.Join(out, ", ")
}

// zoneList names zones as flags do.
func zoneList(of []inventory.Zone) []string {
	var out []string
	for _, z := range of {
		if z != "" {
			out = append(out, string(z))
		}
	}
	return out
}

// zonesText lists them in both languages.
func zonesText(of []inventory.Zone) lang.Text {
	return lang.T(zoneNames(of, lang.Vi), zoneNames(of, lang.En))
}
