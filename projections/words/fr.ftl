### Ce que lisent les clients, en français. Une espace fine insécable (U+202F) précède le point-virgule.

## Milestones: what has happened.

milestone-packed = Emballage terminé
milestone-pickup_appointment_set = Rendez-vous d’enlèvement fixé
milestone-acknowledged = Confirmation du transporteur reçue
milestone-arrived_at_pickup = Transporteur arrivé pour l’enlèvement
milestone-loaded = Chargement terminé
milestone-loaded_on_board = Chargement à bord effectué
milestone-picked_up = Enlèvement effectué
milestone-departed = Départ effectué
milestone-en_route = En cours d’acheminement
milestone-arrived_at_terminal = Arrivée à la plateforme de transit
milestone-departed_terminal = Départ de la plateforme de transit
milestone-transferred = Transfert à un autre transporteur
milestone-in_storage = Entreposage en cours de route
milestone-reconsigned = Réexpédition vers une autre adresse
milestone-vessel_departed = Départ du navire
milestone-vessel_arrived = Arrivée du navire
milestone-discharged = Déchargement du navire
milestone-arrived_at_customs = Arrivée en douane
milestone-customs_cleared = Dédouanement effectué
milestone-delivery_appointment_set = Rendez-vous de livraison fixé
milestone-available_for_delivery = Disponible pour la livraison
milestone-offered_for_delivery = Présentation au destinataire
milestone-out_for_delivery = En cours de livraison
milestone-arrived_at_delivery = Arrivée à l’adresse de livraison
milestone-delivery_attempted = Tentative de livraison effectuée
milestone-partly_delivered = Livraison partielle effectuée
milestone-delivered = Livraison effectuée
milestone-completed = Dossier clôturé
milestone-cancelled = Annulation effectuée
milestone-returned = Retour à l’expéditeur effectué
milestone-refused = Livraison refusée et envoi retourné
milestone-lost = Envoi perdu

## Reasons a source gives: why it is late, and what the reader is to do, if anything.

reason-weather = Retard dû aux conditions météorologiques
reason-traffic = Retard dû à la circulation
reason-accident = Retard dû à un accident
reason-mechanical = Le véhicule est tombé en panne
reason-missed_connection = Correspondance manquée
reason-capacity = En attente de place dans un véhicule
reason-misrouted = Erreur d’acheminement ; nouvel acheminement en cours
reason-carrier_related = Retard dans l’exploitation du transporteur
reason-missed_pickup = L’enlèvement n’a pas eu lieu
reason-address_incorrect = L’adresse est introuvable
    .action = Veuillez vérifier l’adresse de livraison
reason-consignee_unavailable = Personne n’était présent pour réceptionner l’envoi
    .action = Veuillez convenir d’un nouveau rendez-vous de livraison
reason-consignee_related = Retard du côté du destinataire
reason-at_consignee_request = Envoi retenu à la demande du destinataire
reason-awaiting_appointment = En attente d’un rendez-vous de livraison
    .action = Veuillez convenir d’un rendez-vous de livraison
reason-delivery_failed = La livraison n’a pas pu être effectuée
reason-appointment_missed = Le rendez-vous de livraison n’a pas été respecté
    .action = Veuillez convenir d’un nouveau rendez-vous de livraison
reason-customs_hold = Envoi retenu par la douane
reason-customs_papers_missing = La douane demande des documents
    .action = Veuillez nous transmettre les documents manquants
reason-damaged = Envoi endommagé en cours de route
    .action = Nous vous contacterons au sujet d’un remplacement
reason-refused_by_consignee = La livraison a été refusée
    .action = Veuillez nous indiquer la suite à donner
reason-returning = En cours de retour vers l’expéditeur
reason-missing = Envoi introuvable pour le moment
reason-short = La quantité reçue est inférieure à la quantité expédiée
    .action = Veuillez vérifier la marchandise reçue
reason-strike = Retard dû à une grève
reason-civil_event = Retard dû à un événement public
reason-holiday = Retard dû à un jour férié
reason-held_for_payment = Envoi retenu jusqu’au paiement d’une facture
    .action = Veuillez régler la facture en attente
reason-held = Envoi retenu en cours de route
reason-papers_missing = Envoi retenu jusqu’à ce que les documents soient complets
reason-restricted_goods = Contient des marchandises interdites au transport
reason-shipper_related = Retard du côté de l’expéditeur
reason-late_from_shipper = Remise tardive par l’expéditeur
reason-other = Retard ; le transporteur n’en a pas précisé la raison

## Reasons we derive: why the status is what it is.

reason-eta_past_promise = Arrivée prévue plus tard que promis
reason-eta_past_plan = Arrivée prévue plus tard que planifié
reason-plan_past_promise = Arrivée planifiée après la date promise
reason-eta_close_to_promise = Attendu si peu avant l'heure promise qu'elle risque d'être manquée
reason-problem_since_eta = Un incident est survenu depuis la dernière estimation
reason-not_under_way = Pas encore en route, et il reste trop peu de temps
reason-out_of_time = Il reste trop peu de temps pour ce qui doit encore se faire
reason-backordered = Une partie de la commande est en attente de stock
reason-tender_rejected = Le transporteur a décliné ; recherche d’un autre en cours
reason-planned = En cours de préparation
reason-tendered = Demande envoyée à un transporteur
reason-accepted = Confirmation du transporteur reçue ; en attente d’enlèvement
reason-in_transit = En cours d’acheminement
reason-partially_shipped = Une partie de la commande est en cours d’acheminement
reason-partially_delivered = Une partie de la commande a été livrée
reason-delivered = Livraison effectuée
reason-completed = Livraison effectuée et dossier clôturé
reason-cancelled = Annulation effectuée
reason-returned = Retour à l’expéditeur effectué
reason-refused = Livraison refusée et envoi retourné
    .action = Veuillez nous indiquer la suite à donner
reason-lost = Envoi perdu par le transporteur
    .action = Nous vous contacterons au sujet d’un remplacement

## The page people sign in on.

page-sign_in = Se connecter
page-continue_to = pour continuer vers { $client }
page-user_name = Nom d’utilisateur
page-password = Mot de passe
page-wrong = Le nom d’utilisateur ou le mot de passe est incorrect.
page-too_many_attempts =
    { $minutes ->
        [one] Trop de tentatives. Veuillez réessayer dans { $minutes } minute.
       *[other] Trop de tentatives. Veuillez réessayer dans { $minutes } minutes.
    }
page-busy = Un très grand nombre de personnes se connectent en ce moment. Veuillez réessayer dans un instant.
page-cannot_sign_in = Vous ne pouvez pas vous connecter ici
page-expired = Cette page est restée ouverte trop longtemps, ou son cookie n’a pas été conservé. Veuillez retourner à l’application et recommencer.
page-unknown_app = L’application qui vous a envoyé ici n’est pas connue.
page-damaged = L’adresse de cette page est endommagée. Veuillez retourner à l’application et recommencer.
