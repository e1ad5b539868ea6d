package number

import (
	"cmp"
	"strings"
	"unicode"

	"tuned/trainer/data/source"
)

// measureNames are the units of measure that may stand behind a number, in any letter case. Names of one unit are joined by "=". Of two
// that differ in letter case alone, such as mm and mM, other spellings are the first.
const measureNames = `
	pg ng µg=ug=mcg mg g=gr=gram=grams kg=kgs t=ton=tons lb=lbs oz
	nm µm=um mm cm m=meter=meters km=kms in=inch=inches ft=feet yd mi=mile=miles
	mm² cm² m²=m2=qm=sqm km²=km2 ft²=ft2=sqft ha acres=acre=ac mm³=mm3 cm³=cm3=ccm=cc m³=m3
	µl=ul ml cl dl l=liter=liters=litre=litres hl gal
	° °C °F
	ms s=sec=secs=second=seconds=sekunden=secondes=segundos min=mins=minute=minutes=minuten=minutos hours=h=hr=hrs=hour=std=stunde=stunden=heure=heures=horas
	days=d=day=tag=tage=jour=jours=días=dias=giorni weeks=wk=wks=week=woche=wochen=semaines=semanas months=mo=mos=month=monat=monate=mois=meses=mesi
	years=yr=yrs=year=jahr=jahre=ans=années=años=anni pieces=stk=stück=piece
	W kW MW Wh kWh MWh V mV kV mA mAh J kJ hp Nm kN Hz kHz MHz GHz KB MB GB TB KiB MiB GiB TiB Mbps Gbps
	km/h=kmh=kph mph m/s l/100km mpg rpm bpm=beats/min ml/min/1.73m²=ml/min/1.73m2 mmHg Pa hPa kPa MPa bar mbar psi dB dBA ppm ppb
	nmol µmol=umol mmol mol nM µM=uM mM IU units=unit U/l U/ml mmol/l mg/dl g/dl g/l kg/m²=kg/m2 cells kcal px pt pts pcs dpi`

// measures has for each name of a unit, as it is spelt and in lower case, the first one.
var measures = func() map[string]string {
	all := map[string]string{}
	for _, unit := range strings.Fields(measureNames) {
		names := strings.Split(unit, "=")
		for _, name := range names {
			for _, spelling := range []string{strings.ToLower(name), name} {
				all[spelling] = cmp.Or(all[spelling], names[0])
			}
		}
	}
	return all
}()

// isMeasure tells a unit of measure from a currency's and from "%".
func isMeasure(unit string) bool { return measure(unit) != "" }

// measure is the unit that a name means, or a unit for each of another, such as µg/ml; "" where it is not known.
func measure(name string) string {
	if unit := oneMeasure(name); unit != "" {
		return unit
	}
	over, under, cut := strings.Cut(name, "/")
	if over, under = oneMeasure(over), oneMeasure(under); cut && over != "" && under != "" {
		return over + "/" + under
	}
	return ""
}

func oneMeasure(name string) string {
	return cmp.Or(measures[name], measures[strings.ToLower(name)])
}

// unspaced takes out the spaces of a unit's name, and writes the sign for a millionth, of which there are two, in one way.
var unspaced = strings.NewReplacer(" ", "", "\u00a0", "", "\u03bc", "\u00b5")

// measured parts a number from the unit of measure behind it; unit is "" where there is none that is known.
func measured(cell string) (number, unit string) {
	at := strings.IndexFunc(cell, func(r rune) bool { return unicode.IsLetter(r) || r == '°' })
	if at <= 0 {
		return cell, ""
	}
	return source.Trim(cell[:at]), measure(unspaced.Replace(cell[at:]))
}
