### Lo que leen los clientes, en español.

## Milestones: what has happened.

milestone-packed = Embalado
milestone-pickup_appointment_set = Recogida concertada
milestone-acknowledged = Confirmado por el transportista
milestone-arrived_at_pickup = El transportista ha llegado para la recogida
milestone-loaded = Cargado
milestone-loaded_on_board = Cargado a bordo
milestone-picked_up = Recogido
milestone-departed = Salida efectuada
milestone-en_route = En camino
milestone-arrived_at_terminal = Llegada al centro de tránsito
milestone-departed_terminal = Salida del centro de tránsito
milestone-transferred = Traspasado a otro transportista
milestone-in_storage = Almacenado durante el trayecto
milestone-reconsigned = Reenviado a otra dirección
milestone-vessel_departed = Salida del buque
milestone-vessel_arrived = Llegada del buque
milestone-discharged = Descargado del buque
milestone-arrived_at_customs = Llegada a la aduana
milestone-customs_cleared = Despacho de aduanas completado
milestone-delivery_appointment_set = Entrega concertada
milestone-available_for_delivery = Listo para la entrega
milestone-offered_for_delivery = Presentado al destinatario
milestone-out_for_delivery = En reparto
milestone-arrived_at_delivery = Llegada a la dirección de entrega
milestone-delivery_attempted = Se ha intentado la entrega
milestone-partly_delivered = Entregado en parte
milestone-delivered = Entregado
milestone-completed = Completado
milestone-cancelled = Cancelado
milestone-returned = Devuelto al remitente
milestone-refused = Rechazado y devuelto
milestone-lost = Extraviado

## Reasons a source gives: why it is late, and what the reader is to do, if anything.

reason-weather = Retraso por las condiciones meteorológicas
reason-traffic = Retraso por el tráfico
reason-accident = Retraso por un accidente
reason-mechanical = El vehículo ha sufrido una avería
reason-missed_connection = Se ha perdido el enlace de transporte
reason-capacity = A la espera de espacio en un vehículo
reason-misrouted = Enviado por una ruta equivocada; se está redirigiendo
reason-carrier_related = Retraso en las operaciones del transportista
reason-missed_pickup = La recogida no se ha realizado
reason-address_incorrect = No se ha encontrado la dirección
    .action = Compruebe la dirección de entrega
reason-consignee_unavailable = No había nadie para recibir el envío
    .action = Acuerde una nueva cita de entrega
reason-consignee_related = Retraso por parte del destinatario
reason-at_consignee_request = Retenido a petición del destinatario
reason-awaiting_appointment = A la espera de una cita de entrega
    .action = Acuerde una cita de entrega
reason-delivery_failed = No se ha podido realizar la entrega
reason-appointment_missed = No se ha cumplido la cita de entrega
    .action = Acuerde una nueva cita de entrega
reason-customs_hold = Retenido en la aduana
reason-customs_papers_missing = La aduana necesita documentación
    .action = Envíenos la documentación que falta
reason-damaged = Dañado durante el transporte
    .action = Nos pondremos en contacto con usted para acordar un reemplazo
reason-refused_by_consignee = Se ha rechazado la entrega
    .action = Indíquenos cómo desea proceder
reason-returning = De vuelta al remitente
reason-missing = No localizado por el momento
reason-short = Ha llegado menos mercancía de la enviada
    .action = Compruebe la mercancía recibida
reason-strike = Retraso por una huelga
reason-civil_event = Retraso por un acontecimiento público
reason-holiday = Retraso por un día festivo
reason-held_for_payment = Retenido hasta que se pague una factura
    .action = Abone la factura pendiente
reason-held = Retenido durante el trayecto
reason-papers_missing = Retenido hasta completar la documentación
reason-restricted_goods = Contiene mercancía cuyo transporte no está permitido
reason-shipper_related = Retraso por parte del remitente
reason-late_from_shipper = El remitente lo entregó con retraso al transportista
reason-other = Con retraso; el transportista no ha indicado un motivo concreto

## Reasons we derive: why the status is what it is.

reason-eta_past_promise = Llegada prevista más tarde de lo prometido
reason-eta_past_plan = Llegada prevista más tarde de lo planificado
reason-plan_past_promise = Llegada planificada después de lo prometido
reason-eta_close_to_promise = Previsto tan poco antes de la hora prometida que puede no cumplirse
reason-problem_since_eta = Surgió un problema después de la última estimación
reason-not_under_way = Aún no está en camino y queda muy poco tiempo
reason-out_of_time = Queda muy poco tiempo para lo que falta por hacer
reason-backordered = Parte del pedido está a la espera de existencias
reason-tender_rejected = El transportista ha declinado el encargo; se está buscando otro
reason-planned = En preparación
reason-tendered = Solicitado a un transportista
reason-accepted = Confirmado por el transportista; a la espera de recogida
reason-in_transit = En camino
reason-partially_shipped = Parte del pedido está en camino
reason-partially_delivered = Parte del pedido se ha entregado
reason-delivered = Entregado
reason-completed = Entregado y completado
reason-cancelled = Cancelado
reason-returned = Devuelto al remitente
reason-refused = Rechazado y devuelto
    .action = Indíquenos cómo desea proceder
reason-lost = Extraviado por el transportista
    .action = Nos pondremos en contacto con usted para acordar un reemplazo

## The page people sign in on.

page-sign_in = Iniciar sesión
page-continue_to = para continuar a { $client }
page-user_name = Nombre de usuario
page-password = Contraseña
page-wrong = El nombre de usuario o la contraseña no son correctos.
page-too_many_attempts =
    { $minutes ->
        [one] Demasiados intentos. Vuelva a intentarlo en { $minutes } minuto.
       *[other] Demasiados intentos. Vuelva a intentarlo en { $minutes } minutos.
    }
page-busy = Hay demasiadas personas iniciando sesión en este momento. Vuelva a intentarlo en unos instantes.
page-cannot_sign_in = No puede iniciar sesión aquí
page-expired = Esta página ha estado abierta demasiado tiempo o no se ha conservado su cookie. Vuelva a la aplicación y empiece de nuevo.
page-unknown_app = No se conoce la aplicación desde la que ha llegado.
page-damaged = La dirección de esta página está dañada. Vuelva a la aplicación y empiece de nuevo.
