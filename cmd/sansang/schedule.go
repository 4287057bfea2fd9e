package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/fleet"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/report"
	"github.com/sansang/sansang/internal/store"
)

// scheduleOptions are the flags of schedule add.
type scheduleOptions struct {
	batchOptions
	weekly, daily string
}

func (a *app) schedule() *cobra.Command {
	var db string
	c := &cobra.Command{
		Use:   "schedule",
		Short: a.t("Lịch rà quét định kỳ; sansang worker thực hiện", "Periodic runs, which a sansang worker carries out"),
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	o := scheduleOptions{batchOptions: batchOptions{lookOptions: lookOptions{rates: batchRates}}}
	add := &cobra.Command{
		Use:   a.t("add DANH-SÁCH", "add LIST"),
		Short: a.t("Thêm lịch cho một danh sách", "Add schedules for a list"),
		Long: a.t(`Ghi danh sách vào cơ sở dữ liệu và đặt hai lịch: cả danh sách mỗi tuần; và mỗi ngày những
đơn vị chưa sẵn sàng, hoặc có điều sắp hết hạn trong 30 ngày. Giờ Việt Nam. Lịch dùng danh
sách và tài liệu như lúc này; danh sách đổi thì xóa lịch cũ, thêm lại. Phải có một sansang
worker đang chạy ở từng vùng.`,
			`Keeps the list in the database and adds two schedules: the whole list each week; and each
day the units that are not ready, or of which something runs out within 30 days. Hours are
those of Vietnam. The list and its documents are as they are now; when they change, remove
the schedule and add it again. A sansang worker must be running in each zone.`),
		Example: "  sansang schedule add danh-sach.csv --vantages internet,internal\n  sansang schedule add danh-sach.csv --vantages internal --weekly \"T7 20:00\" --daily none",
		Args:    a.exactly(1, "danh sách đơn vị", "a list of units"),
		RunE: func(c *cobra.Command, args []string) error {
			o.settle(c.Flags().Changed)
			return a.addSchedule(c.Context(), args[0], o)
		},
	}
	a.lookFlags(add, &o.lookOptions)
	a.waitFlag(add.Flags(), &o.lookOptions)
	a.databaseFlag(add.Flags(), &o.db)
	f := add.Flags()
	f.StringSliceVar(&o.vantages, "vantages", nil, a.t("các vùng mạng phải nhìn từ đó, ví dụ internet,internal", "the zones to look from, such as internet,internal"))
	f.BoolVar(&o.keepGoing, "keep-going", false, a.t("bỏ ra những đơn vị có lỗi trong danh sách, làm tiếp các đơn vị khác", "leave out units that the list has mistakes of, and go on with the rest"))
	f.StringSliceVar(&o.trust, "trust", nil, a.t("tệp PEM của CA được tin cậy thêm cho mọi đơn vị", "PEM file of a further CA that all units trust"))
	f.StringVar(&o.weekly, "weekly", a.t("CN 22:00", "sun 22:00"), a.t("ngày và giờ rà quét cả danh sách (T2 … T7, CN), hoặc none", "day and hour of the whole list (mon … sun), or none"))
	f.StringVar(&o.daily, "daily", "02:00", a.t("giờ rà quét những đơn vị chưa sẵn sàng hoặc sắp hết hạn, hoặc none", "hour of units that are not ready or about to run out, or none"))
	list := &cobra.Command{Use: "list", Short: a.t("Các lịch đang có", "The schedules there are"), Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.listSchedules(c.Context(), db) }}
	remove := &cobra.Command{Use: a.t("remove SỐ", "remove NUMBER"), Short: a.t("Xóa một lịch; các đợt đã chạy vẫn còn", "Remove a schedule; its runs stay"),
		Args: a.exactly(1, "số của lịch", "the number of a schedule"),
		RunE: func(c *cobra.Command, args []string) error { return a.removeSchedule(c.Context(), db, args[0]) }}
	a.databaseFlag(list.Flags(), &db)
	a.databaseFlag(remove.Flags(), &db)
	c.AddCommand(add, list, remove)
	return c
}

func (a *app) addSchedule(ctx context.Context, path string, o scheduleOptions) error {
	if o.weekly == "none" && o.daily == "none" {
		return faultf("không còn lịch nào để thêm: --weekly và --daily đều là none", "there is nothing to add: --weekly and --daily are both none")
	}
	if len(o.vantages) > 0 {
		o.zone = o.vantages[0] // it need not be looked from here
	}
	o.later = true
	named := o.policy
	if o.policy == "" {
		var err error
		if o.policy, err = edition(defaultPolicy, time.Now()); err != nil {
			return err
		}
	}
	c, err := a.newCrew(o.lookOptions)
	if err != nil {
		return err
	}
	defer c.close()
	n, err := c.newRun(0, o.lookOptions, o.vantages)
	if err != nil {
		return err
	}
	var set settings
	if err := json.Unmarshal(n.Settings, &set); err != nil {
		return defect{err}
	}
	set.Policy, set.Vantages = named, zoneList(n.Vantages)
	from := zonesText(n.Vantages)
	list, err := a.readList(path, o.batchOptions)
	if err != nil {
		return err
	}
	text, err := json.Marshal(set)
	if err != nil {
		return defect{err}
	}
	db, err := a.openDB(ctx, o.db, false)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	return db.Tx(ctx, func(tx *store.Tx) error {
		id, err := tx.AddList(ctx, list)
		if err != nil {
			return err
		}
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		for _, s := range []store.Schedule{{Every: fleet.Weekly, What: fleet.All, At: o.weekly}, {Every: fleet.Daily, What: fleet.Open, At: o.daily}} {
			if s.At == "none" {
				continue
			}
			s.List, s.Settings, s.Enabled, s.At = id, text, true, inEnglish(s.At)
			if s.Next, err = fleet.Next(s.Every, s.At, now); err != nil {
				return badTime(s)
			}
			n, err := tx.AddSchedule(ctx, s)
			if err != nil {
				return err
			}
			if !a.quiet {
				a.say(lang.Tf("lịch %[1]d: %[2]s; nhìn từ %[5]s; lần tới %[4]s", "schedule %[1]d: %[3]s; looked at from %[6]s; next %[4]s", n, scheduleText(s).Vi, scheduleText(s).En, clock(s.Next), from.Vi, from.En))
			}
		}
		return nil
	})
}

// vietnameseDays are how the days of the week are written for short.
var vietnameseDays = map[string]string{"cn": "sun", "t2": "mon", "t3": "tue", "t4": "wed", "t5": "thu", "t6": "fri", "t7": "sat"}

// inEnglish writes "CN 22:00" as the database has it.
func inEnglish(at string) string {
	day, hour, ok := strings.Cut(at, " ")
	if en := vietnameseDays[strings.ToLower(day)]; ok && en != "" {
		return en + " " + hour
	}
	return at
}

func badTime(s store.Schedule) error {
	if s.Every == fleet.Weekly {
		return faultf("--weekly %q không phải ngày và giờ; viết như \"CN 22:00\"", "--weekly %q is no day and hour; write it as \"sun 22:00\"", s.At)
	}
	return faultf("--daily %q không phải giờ; viết như 02:00", "--daily %q is no hour; write it as 02:00", s.At)
}

var dayNames = map[string]lang.Text{
	"mon": lang.T("thứ Hai", "Monday"), "tue": lang.T("thứ Ba", "Tuesday"), "wed": lang.T("thứ Tư", "Wednesday"), "thu": lang.T("thứ Năm", "Thursday"),
	"fri": lang.T("thứ Sáu", "Friday"), "sat": lang.T("thứ Bảy", "Saturday"), "sun": lang.T("Chủ nhật", "Sunday"),
}

// scheduleText says what a schedule does, and when.
func scheduleText(s store.Schedule) lang.Text {
	what := lang.T("cả danh sách", "the whole list")
	if s.What == fleet.Open {
		what = lang.T("đơn vị chưa sẵn sàng hoặc sắp hết hạn", "units not ready or about to run out")
	}
	if day, hour, ok := strings.Cut(s.At, " "); ok {
		d := dayNames[strings.ToLower(day)]
		return lang.T(what.Vi+", "+d.Vi+" hằng tuần lúc "+hour, what.En+", each "+d.En+" at "+hour)
	}
	return lang.T(what.Vi+", hằng ngày lúc "+s.At, what.En+", each day at "+s.At)
}

func (a *app) listSchedules(ctx context.Context, where string) error {
	db, err := a.readDatabase(ctx, where)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	all, err := db.Schedules(ctx)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		a.print("chưa có lịch nào; thêm bằng: sansang schedule add danh-sach.csv", "there is no schedule; add one with: sansang schedule add list.csv")
	}
	for _, s := range all {
		l, err := db.List(ctx, s.List)
		if err != nil {
			return err
		}
		a.entry(fmt.Sprintf("%-4d ", s.ID), report.Shown(l.Name)+": "+report.Shown(scheduleText(s).In(a.lang)))
		last := a.t("chưa chạy lần nào", "has not run yet")
		if s.LastRun > 0 {
			last = fmt.Sprintf(a.t("lần trước là đợt %d", "last was run %d"), s.LastRun)
		}
		var set settings
		if err := json.Unmarshal(s.Settings, &set); err != nil {
			return fmt.Errorf("settings of schedule %d: %w", s.ID, err)
		}
		_, _ = fmt.Fprintf(a.out, "     %s %s · %s %s · %s\n", a.t("nhìn từ", "looked at from"), zonesText(set.zones()).In(a.lang), a.t("lần tới", "next"), clock(s.Next), last)
	}
	return nil
}

func (a *app) removeSchedule(ctx context.Context, where, number string) error {
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || id < 1 {
		return faultf("%q không phải số của một lịch; xem: sansang schedule list", "%q is no number of a schedule; see: sansang schedule list", number)
	}
	db, err := a.openDB(ctx, where, true)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if err := db.Tx(ctx, func(tx *store.Tx) error { return tx.DropSchedule(ctx, id) }); err != nil {
		return err
	}
	if !a.quiet {
		a.say(lang.Tf("đã xóa lịch %d", "schedule %d is removed", id))
	}
	return nil
}

// scheduled is fleet's Planner: the run of a schedule that is due, by the policy
// that holds on the day where none was named.
func (c *crew) scheduled(_ context.Context, s store.Schedule) (store.NewRun, error) {
	n := store.NewRun{List: s.List}
	var set settings
	if err := json.Unmarshal(s.Settings, &set); err != nil {
		return n, fmt.Errorf("settings of schedule %d: %w", s.ID, err)
	}
	n.PolicySource = set.Policy
	if n.PolicySource == "" {
		var err error
		if n.PolicySource, err = edition(defaultPolicy, time.Now()); err != nil {
			return n, err
		}
	}
	policy, err := loadPolicy(n.PolicySource)
	if err != nil {
		return n, err
	}
	n.Policy = policyOf(policy)
	n.Vantages = set.zones()
	set.Policy, set.Vantages, set.Tool = "", nil, tool().Version
	n.Settings, err = json.Marshal(set)
	return n, err
}
