package words_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tuned/words"
)

func TestFormat(t *testing.T) {
	tests := []struct {
		v    any
		unit string
		want string
	}{
		{int64(1234567), "rows", "1,234,567"},
		{7, "", "7"},
		{-1234, "", "-1,234"},
		{0.041234, "", "0.0412"},
		{0.0, "", "0"},
		{12.345, "", "12.3"},
		{999.7, "", "1,000"},
		{123456.7, "", "123,457"},
		{0.000012345, "", "0.0000123"},
		{1e-8, "", "1 × 10⁻⁸"},
		{-2.5e-9, "", "-2.5 × 10⁻⁹"},
		{6.02e23, "", "6.02 × 10²³"},
		{0.2, "share", "20 %"},
		{0.12345, "share", "12.3 %"},
		{int64(4 << 30), "bytes", "4.0 GiB"},
		{0.0421, "seconds", "42.1 milliseconds"},
		{1.0, "seconds", "1 second"},
		{59.0, "seconds", "59 seconds"},
		{90.0, "seconds", "1.5 minutes"},
		{7200.0, "seconds", "2 hours"},
		{86400.0 * 3, "seconds", "3 days"},
		{int64(3_200_000_000), "flops", "3.2 GFLOP"},
		{true, "", "yes"},
		{false, "", "no"},
		{"mlp", "", "mlp"},
		{"", "", "none"},
		{nil, "", "(not measured)"},
		{math.NaN(), "share", "not a number"},
		{math.Inf(-1), "", "infinite"},
	}
	for _, test := range tests {
		if got := words.Format(test.v, test.unit); got != test.want {
			t.Errorf("Format(%v, %q) = %q, want %q", test.v, test.unit, got, test.want)
		}
	}
}

// TestFormatIsNeverEmpty: any number has a text, whatever its unit.
func TestFormatIsNeverEmpty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64().Draw(t, "x")
		unit := rapid.SampledFrom([]string{"", "rows", "share", "bytes", "seconds", "flops"}).Draw(t, "unit")
		if words.Format(x, unit) == "" {
			t.Fatal("empty")
		}
	})
}

func TestQuantitiesStandAlone(t *testing.T) {
	for want, got := range map[string]string{
		"256 rows": words.Quantity(int64(256), "rows"), "20 %": words.Quantity(0.2, "share"), "mlp": words.Quantity("mlp", ""),
		"2 hours": words.Quantity(7200.0, "seconds"), "1 network": words.Quantity(int64(1), "networks"),
		"1 category": words.Quantity(int64(1), "categories"), "1 class": words.Quantity(int64(1), "classes"), "0 rows": words.Quantity(int64(0), "rows"),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestValuesHaveFourFigures(t *testing.T) {
	for x, want := range map[float64]string{
		0.123456: "0.1235", 1998: "1998", 9999.7: "10,000", 123456.7: "123,457", -98765.4: "-98,765", 0: "0", 0.5: "0.5", -5.478e-05: "-0.00005478",
		1.23456e-7: "1.235 × 10⁻⁷", 1e20: "1 × 10²⁰", math.Inf(1): "infinite", math.NaN(): "not a number",
	} {
		if got := words.Value(x); got != want {
			t.Errorf("%g: got %q, want %q", x, got, want)
		}
	}
}

// TestBoundsAreExact: a refusal said that 1 is out of a range that ended at 1.
func TestBoundsAreExact(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 0.5: "0.5", 0.9999: "0.9999", 0.99999: "0.99999", 0.99995: "0.99995", -0.12345: "-0.12345", 1: "1", 1000: "1,000", 1 << 20: "1,048,576",
		1e-6: "0.000001", 1e-9: "1 × 10⁻⁹", math.Inf(1): "infinite",
	} {
		if got := words.Bound(x); got != want {
			t.Errorf("%v: %q, want %q", x, got, want)
		}
	}
}

func TestDecimals(t *testing.T) {
	for _, c := range []struct {
		x        float64
		decimals int
		want     string
	}{
		{0.30000000000000004, 1, "0.3"},
		{2015, 0, "2015"},
		{2.5, 3, "2.5"},
		{400_000, 0, "400,000"},
		{-12_345.5, 1, "-12,345.5"},
		{-0.0001, 2, "0"},
		{5e-9, 9, "5 × 10⁻⁹"},
		{1e20, -4, "1 × 10²⁰"},
	} {
		if got := words.Decimals(c.x, c.decimals); got != c.want {
			t.Errorf("%g with %d decimals: %q, want %q", c.x, c.decimals, got, c.want)
		}
	}
}

// Bytes of a file by the nanosecond, and days of many updates, are more than 64 bits hold.
func TestTimeLeft(t *testing.T) {
	for _, c := range []struct {
		took       time.Duration
		done, left int64
		want       string
	}{
		{time.Second, 0, 10, ""},
		{3 * time.Second, 1, 2, "6s"},
		{3 * time.Second, 2, 0, "0s"},
		{5 * time.Second, 1 << 30, 20 << 30, "1m40s"},
		{100 * time.Hour, 1e6, 9e6, "900h0m0s"},
		{time.Hour, 1, math.MaxInt64, (1 << 62 * time.Nanosecond).Round(time.Second).String()},
	} {
		if got := words.TimeLeft(c.took, c.done, c.left); got != c.want {
			t.Errorf("TimeLeft(%v, %d, %d) = %q, want %q", c.took, c.done, c.left, got, c.want)
		}
	}
}
