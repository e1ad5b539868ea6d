package number

import (
	"fmt"
	"strconv"
	"strings"
)

// sizeNames are units of the same thing, a line each, and how many of the smallest or of a common one each of them is. A month is a twelfth of
// a year of 365.25 days.
const sizeNames = `
	pg=1e-12 ng=1e-9 µg=1e-6 mg=1e-3 g=1 kg=1e3 t=1e6 oz=28.349523125 lb=453.59237
	nm=1e-9 µm=1e-6 mm=1e-3 cm=1e-2 m=1 km=1e3 in=0.0254 ft=0.3048 yd=0.9144 mi=1609.344
	mm²=1e-6 cm²=1e-4 m²=1 km²=1e6 ha=1e4 ft²=0.09290304 acres=4046.8564224
	µl=1e-6 ml=1e-3 cl=1e-2 dl=0.1 l=1 hl=100 gal=3.785411784 mm³=1e-6 cm³=1e-3 m³=1e3
	ms=1e-3 s=1 min=60 hours=3600 days=86400 weeks=604800 months=2629800 years=31557600
	W=1 kW=1e3 MW=1e6
	Wh=1 kWh=1e3 MWh=1e6
	J=1 kJ=1e3 kcal=4184
	mV=1e-3 V=1 kV=1e3
	Hz=1 kHz=1e3 MHz=1e6 GHz=1e9
	KB=1e3 MB=1e6 GB=1e9 TB=1e12 KiB=1024 MiB=1048576 GiB=1073741824 TiB=1099511627776
	Mbps=1 Gbps=1e3
	Pa=1 hPa=100 kPa=1e3 MPa=1e6 bar=1e5 mbar=100 mmHg=133.322 psi=6894.757
	nmol=1e-9 µmol=1e-6 mmol=1e-3 mol=1
	nM=1e-9 µM=1e-6 mM=1e-3
	m/s=1 km/h=0.2777777777777778 mph=0.44704
	ppb=1 ppm=1e3`

// size is how much a unit is of what its line measures.
type size struct {
	line int
	much float64
}

var sizes = func() map[string]size {
	all := map[string]size{}
	for line, units := range strings.Split(strings.TrimSpace(sizeNames), "\n") {
		for _, unit := range strings.Fields(units) {
			name, much, _ := strings.Cut(unit, "=")
			v, err := strconv.ParseFloat(much, 64)
			if err != nil {
				panic(fmt.Sprintf("data: %s: %v", unit, err))
			}
			all[name] = size{line, v}
		}
	}
	return all
}()

// convert tells how many of another unit one of a unit is; false where they do not measure the same. Units for each of others, such as µg/ml and
// mg/l, are converted part by part.
func convert(unit, other string) (factor float64, ok bool) {
	if unit == other {
		return 1, true
	}
	if a, known := sizes[unit]; known {
		b := sizes[other]
		return a.much / b.much, b.much > 0 && a.line == b.line
	}
	over, under, cut := strings.Cut(unit, "/")
	otherOver, otherUnder, too := strings.Cut(other, "/")
	if !cut || !too {
		return 0, false
	}
	f, ok := convert(over, otherOver)
	g, too := convert(under, otherUnder)
	return f / g, ok && too
}
