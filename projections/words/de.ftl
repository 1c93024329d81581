### Was Kunden lesen, auf Deutsch.

## Milestones: what has happened.

milestone-packed = Verpackt
milestone-pickup_appointment_set = Abholtermin vereinbart
milestone-acknowledged = Vom Transportdienstleister bestätigt
milestone-arrived_at_pickup = Transportdienstleister ist zur Abholung eingetroffen
milestone-loaded = Verladen
milestone-loaded_on_board = An Bord verladen
milestone-picked_up = Abgeholt
milestone-departed = Abgegangen
milestone-en_route = Unterwegs
milestone-arrived_at_terminal = Im Umschlagzentrum eingetroffen
milestone-departed_terminal = Hat das Umschlagzentrum verlassen
milestone-transferred = An einen anderen Transportdienstleister übergeben
milestone-in_storage = Unterwegs zwischengelagert
milestone-reconsigned = An eine andere Adresse weitergeleitet
milestone-vessel_departed = Schiff ausgelaufen
milestone-vessel_arrived = Schiff eingelaufen
milestone-discharged = Vom Schiff entladen
milestone-arrived_at_customs = Beim Zoll eingetroffen
milestone-customs_cleared = Vom Zoll freigegeben
milestone-delivery_appointment_set = Liefertermin vereinbart
milestone-available_for_delivery = Bereit zur Zustellung
milestone-offered_for_delivery = Dem Empfänger zur Annahme angeboten
milestone-out_for_delivery = In Zustellung
milestone-arrived_at_delivery = An der Lieferadresse eingetroffen
milestone-delivery_attempted = Zustellversuch unternommen
milestone-partly_delivered = Teilweise zugestellt
milestone-delivered = Zugestellt
milestone-completed = Abgeschlossen
milestone-cancelled = Storniert
milestone-returned = An den Absender zurückgesandt
milestone-refused = Annahme verweigert und zurückgesandt
milestone-lost = Verloren gegangen

## Reasons a source gives: why it is late, and what the reader is to do, if anything.

reason-weather = Wetterbedingte Verzögerung
reason-traffic = Verkehrsbedingte Verzögerung
reason-accident = Verzögerung durch einen Unfall
reason-mechanical = Das Fahrzeug hatte eine Panne
reason-missed_connection = Der Anschlusstransport wurde nicht erreicht
reason-capacity = Wartet auf freien Laderaum
reason-misrouted = Fehlgeleitet und wird nun umgeleitet
reason-carrier_related = Verzögerung im Betriebsablauf des Transportdienstleisters
reason-missed_pickup = Die Abholung hat nicht stattgefunden
reason-address_incorrect = Die Adresse wurde nicht gefunden
    .action = Bitte prüfen Sie die Lieferadresse
reason-consignee_unavailable = Es war niemand da, um die Sendung anzunehmen
    .action = Bitte vereinbaren Sie einen neuen Liefertermin
reason-consignee_related = Verzögerung auf Seiten des Empfängers
reason-at_consignee_request = Auf Wunsch des Empfängers zurückgehalten
reason-awaiting_appointment = Wartet auf einen Liefertermin
    .action = Bitte vereinbaren Sie einen Liefertermin
reason-delivery_failed = Die Zustellung war nicht möglich
reason-appointment_missed = Der Liefertermin wurde nicht eingehalten
    .action = Bitte vereinbaren Sie einen neuen Liefertermin
reason-customs_hold = Vom Zoll zurückgehalten
reason-customs_papers_missing = Der Zoll benötigt Unterlagen
    .action = Bitte senden Sie uns die fehlenden Unterlagen
reason-damaged = Unterwegs beschädigt
    .action = Wir melden uns bei Ihnen wegen eines Ersatzes
reason-refused_by_consignee = Die Annahme wurde verweigert
    .action = Bitte teilen Sie uns mit, wie wir weiter vorgehen sollen
reason-returning = Auf dem Rückweg zum Absender
reason-missing = Derzeit nicht auffindbar
reason-short = Es ist weniger angekommen, als versandt wurde
    .action = Bitte prüfen Sie die erhaltene Ware
reason-strike = Streikbedingte Verzögerung
reason-civil_event = Verzögerung durch ein öffentliches Ereignis
reason-holiday = Feiertagsbedingte Verzögerung
reason-held_for_payment = Zurückgehalten, bis eine Rechnung bezahlt ist
    .action = Bitte begleichen Sie die offene Rechnung
reason-held = Unterwegs angehalten
reason-papers_missing = Zurückgehalten, bis die Unterlagen vollständig sind
reason-restricted_goods = Enthält Güter, die nicht befördert werden dürfen
reason-shipper_related = Verzögerung auf Seiten des Absenders
reason-late_from_shipper = Vom Absender verspätet übergeben
reason-other = Verzögert; der Transportdienstleister hat keinen näheren Grund genannt

## Reasons we derive: why the status is what it is.

reason-eta_past_promise = Ankunft voraussichtlich später als zugesagt
reason-eta_past_plan = Ankunft voraussichtlich später als geplant
reason-plan_past_promise = Ankunft später geplant als zugesagt
reason-eta_close_to_promise = So knapp vor dem zugesagten Termin erwartet, dass er verfehlt werden kann
reason-problem_since_eta = Seit der letzten Schätzung kam es zu einer Störung
reason-not_under_way = Noch nicht unterwegs, und die Zeit wird zu knapp
reason-out_of_time = Für das, was noch geschehen muss, bleibt zu wenig Zeit
reason-backordered = Ein Teil der Bestellung ist derzeit nicht vorrätig
reason-tender_rejected = Der Transportdienstleister hat abgelehnt; ein anderer wird gesucht
reason-planned = Wird vorbereitet
reason-tendered = Bei einem Transportdienstleister angefragt
reason-accepted = Vom Transportdienstleister bestätigt; wartet auf Abholung
reason-in_transit = Unterwegs
reason-partially_shipped = Ein Teil der Bestellung ist unterwegs
reason-partially_delivered = Ein Teil der Bestellung wurde zugestellt
reason-delivered = Zugestellt
reason-completed = Zugestellt und abgeschlossen
reason-cancelled = Storniert
reason-returned = An den Absender zurückgesandt
reason-refused = Annahme verweigert und zurückgesandt
    .action = Bitte teilen Sie uns mit, wie wir weiter vorgehen sollen
reason-lost = Beim Transportdienstleister verloren gegangen
    .action = Wir melden uns bei Ihnen wegen eines Ersatzes

## The page people sign in on.

page-sign_in = Anmelden
page-continue_to = um mit { $client } fortzufahren
page-user_name = Benutzername
page-password = Passwort
page-wrong = Der Benutzername oder das Passwort ist nicht richtig.
page-too_many_attempts =
    { $minutes ->
        [one] Zu viele Versuche. Bitte versuchen Sie es in { $minutes } Minute noch einmal.
       *[other] Zu viele Versuche. Bitte versuchen Sie es in { $minutes } Minuten noch einmal.
    }
page-busy = Gerade melden sich sehr viele Personen an. Bitte versuchen Sie es gleich noch einmal.
page-cannot_sign_in = Sie können sich hier nicht anmelden
page-expired = Diese Seite war zu lange geöffnet, oder ihr Cookie wurde nicht behalten. Bitte gehen Sie zur Anwendung zurück und beginnen Sie von vorn.
page-unknown_app = Die Anwendung, von der Sie kommen, ist nicht bekannt.
page-damaged = Die Adresse dieser Seite ist beschädigt. Bitte gehen Sie zur Anwendung zurück und beginnen Sie von vorn.
